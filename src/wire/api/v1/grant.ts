// Grants and the list of those that ended early.

import { type Static, Type } from "typebox";
import { GrantToken } from "../grant-token.ts";
import {
  Application,
  AtMs,
  Content,
  Cursor,
  Direction,
  exact,
  GrantState,
  Id,
  Limit,
  Named,
  NextCursor,
  Path,
  Reason,
  Swarm,
  Text,
  TransferState,
} from "./field.ts";

export const GrantSummary = Type.Object(
  {
    id: Id,
    state: GrantState,
    requestId: Id,
    person: Named,
    device: Named,
    direction: Direction,
    application: Application,
    swarm: Swarm,
    content: Content,
    torrentId: Type.Union([Id, Type.Null()]),
    startsAtMs: AtMs,
    expiresAtMs: AtMs,
    endedAtMs: Type.Union([AtMs, Type.Null()]),
    endedWhy: Type.Union([Type.String(), Type.Null()]),
    transferState: Type.Union([TransferState, Type.Null()]),
    path: Path,
  },
  exact,
);
export type GrantSummary = Static<typeof GrantSummary>;

export const GrantQuery = Type.Object(
  {
    scope: Type.Enum(["mine", "all"], { default: "mine" }),
    state: Type.Optional(GrantState),
    q: Type.Optional(Text(100)),
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Limit),
  },
  exact,
);
export type GrantQuery = Static<typeof GrantQuery>;

export const GrantPage = Type.Object(
  { grants: Type.Array(GrantSummary), nextCursor: NextCursor, total: Type.Integer() },
  exact,
);
export type GrantPage = Static<typeof GrantPage>;

export const GrantDetail = Type.Object(
  { ...GrantSummary.properties, claims: GrantToken, jws: Type.String(), approvers: Type.Array(Named) },
  exact,
);
export type GrantDetail = Static<typeof GrantDetail>;

export const GrantEnding = Type.Object({ reason: Reason }, exact);
export type GrantEnding = Static<typeof GrantEnding>;

export const RevocationsReply = Type.Object({ jws: Type.String() }, exact);
export type RevocationsReply = Static<typeof RevocationsReply>;

/** What a device may do now: every active grant of its own, and the newest revocation list. */
export const DeviceGrants = Type.Object(
  {
    grants: Type.Array(
      Type.Object({ grantId: Id, jws: Type.String(), torrentId: Type.Union([Id, Type.Null()]), requestId: Id }, exact),
    ),
    revocations: Type.String(),
  },
  exact,
);
export type DeviceGrants = Static<typeof DeviceGrants>;

/** What a gate opens: every active grant, signed, but without the secret address of its tracker, which a gate never needs. */
export const GateGrants = Type.Object(
  { grants: Type.Array(Type.Object({ grantId: Id, jws: Type.String() }, exact)), revocations: Type.String() },
  exact,
);
export type GateGrants = Static<typeof GateGrants>;
