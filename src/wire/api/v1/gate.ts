// What gates tell the portal of the traffic that they refused, so that a blocked person can learn why. Addresses of
// strangers and bytes of what was said never leave the gate.

import { type Static, Type } from "typebox";
import { AtMs, exact, Id, Text } from "./field.ts";

export const GATE_BLOCKS_MAX = 1000;

/** What became of it: refused, slowed to the zone's rate, or over a quota. */
const Treatment = Type.Enum(["refused", "throttled", "over-quota"]);

export const GateBlock = Type.Object(
  {
    /** The inside address whose traffic it was. */
    address: Type.String({ pattern: "^[0-9a-f.:]{2,45}$" }),
    /** The device that the gate's policy gives the address to; null when nobody's. */
    deviceId: Type.Union([Id, Type.Null()]),
    application: Type.String({ pattern: "^[a-z]{1,32}$" }),
    treatment: Treatment,
    /** The newest evidence: a stable code, and the sentence that a person reads. */
    why: Type.Object({ code: Type.String({ pattern: "^[a-z_.0-9]{1,64}$" }), sentence: Text(300) }, exact),
    /** The rule that decided, as `gate rules` names it. */
    rule: Text(120),
    zone: Type.Union([Text(64), Type.Null()]),
    sinceMs: AtMs,
    lastMs: AtMs,
    /** Flows that were recognised. */
    flows: Type.Integer({ minimum: 0 }),
    /** Packets that met the rules of this application without a grant, as the kernel counted them. */
    packets: Type.Integer({ minimum: 0 }),
  },
  exact,
);
export type GateBlock = Static<typeof GateBlock>;

/** Everything that one gate refused lately; it takes the place of what the same gate said before. */
export const GateBlockReport = Type.Object(
  {
    gate: Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" }),
    blocks: Type.Array(GateBlock, { maxItems: GATE_BLOCKS_MAX }),
  },
  exact,
);
export type GateBlockReport = Static<typeof GateBlockReport>;

export const GateBlockQuery = Type.Object({ scope: Type.Enum(["mine", "all"], { default: "mine" }) }, exact);
export type GateBlockQuery = Static<typeof GateBlockQuery>;

export const GateBlocks = Type.Object(
  {
    /** The address from which this was asked, as the portal sees it. */
    askedFrom: Type.String(),
    blocks: Type.Array(Type.Object({ gate: Type.String(), ...GateBlock.properties }, exact)),
  },
  exact,
);
export type GateBlocks = Static<typeof GateBlocks>;
