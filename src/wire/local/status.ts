// What a node says of itself over its local API.

import { type Static, Type } from "typebox";
import { AtMs, exact, Id } from "../api/v1/field.ts";

const PortalLink = Type.Object(
  {
    url: Type.String(),
    connected: Type.Boolean(),
    sinceMs: AtMs,
    /** Why it is not connected; null while it is. */
    why: Type.Union([Type.String(), Type.Null()]),
  },
  exact,
);

export const NodeStatus = Type.Object(
  {
    version: Type.String(),
    deviceId: Type.Union([Id, Type.Null()]),
    personName: Type.Union([Type.String(), Type.Null()]),
    institution: Type.Union([Type.String(), Type.Null()]),
    portal: Type.Union([PortalLink, Type.Null()]),
    listening: Type.Array(Type.String()),
    libraryPath: Type.String(),
    scanner: Type.String(),
  },
  exact,
);
export type NodeStatus = Static<typeof NodeStatus>;

/** One check of `swarmgate doctor`: what was looked at, what is wrong and why, what to do. */
export const Check = Type.Object(
  {
    name: Type.String(),
    ok: Type.Boolean(),
    what: Type.String(),
    why: Type.Union([Type.String(), Type.Null()]),
    next: Type.Union([Type.String(), Type.Null()]),
  },
  exact,
);
export type Check = Static<typeof Check>;
export const Checks = Type.Object({ checks: Type.Array(Check) }, exact);

export const JoinCall = Type.Object(
  {
    url: Type.String({ minLength: 8, maxLength: 2_000 }),
    token: Type.String({ minLength: 20, maxLength: 100 }),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  exact,
);
export type JoinCall = Static<typeof JoinCall>;
export const JoinReply = Type.Object(
  { deviceId: Id, personName: Type.String(), institution: Type.String(), portalUrl: Type.String() },
  exact,
);
export type JoinReply = Static<typeof JoinReply>;
