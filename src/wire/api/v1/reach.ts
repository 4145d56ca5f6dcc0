// A device asks the portal to call back: whether others can reach the port on which it serves what it was granted.

import { type Static, Type } from "typebox";
import { exact } from "./field.ts";

/** Below lie the ports of the system's own services; a swarm needs none of them. */
const PORT_MIN = 1_024;

export const ReachCall = Type.Object(
  {
    port: Type.Integer({ minimum: PORT_MIN, maximum: 65_535 }),
    /** 32 bytes that the device made for this call, base64url: what the knock and its answer are sealed with. */
    secret: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" }),
  },
  exact,
);
export type ReachCall = Static<typeof ReachCall>;

/** answered: by this device; stranger: by something else; silent: no answer in time; no-route: no way there. */
export const REACH_OUTCOMES = ["answered", "stranger", "refused", "silent", "no-route"] as const;
export type ReachOutcome = (typeof REACH_OUTCOMES)[number];

const Outcome = Type.Enum([...REACH_OUTCOMES]);

export const Reach = Type.Object(
  {
    /** The address from which the device called, and which the portal therefore called back. */
    address: Type.String(),
    tcp: Outcome,
    udp: Outcome,
  },
  exact,
);
export type Reach = Static<typeof Reach>;
