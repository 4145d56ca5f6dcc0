// What GET /api/v1/events pushes. The SSE `event:` is the type, `data:` the JSON below, `id:` a rising number.

import { type Static, Type } from "typebox";
import { exact, GrantState, Id, RequestState, Sha256, TransferCommand, VerdictResult } from "./field.ts";
import { Transfer } from "./transfer.ts";

/** A page refetches the request; the state is here so that a list can show it at once. */
const RequestEvent = Type.Object(
  { type: Type.Literal("request"), requestId: Id, state: RequestState, version: Type.Integer(), personId: Id },
  exact,
);
/** To a device with its token; to browsers `jws` is null. */
const GrantEvent = Type.Object(
  {
    type: Type.Literal("grant"),
    grantId: Id,
    requestId: Id,
    state: GrantState,
    torrentId: Type.Union([Id, Type.Null()]),
    jws: Type.Union([Type.String(), Type.Null()]),
  },
  exact,
);
const RevocationsEvent = Type.Object({ type: Type.Literal("revocations"), jws: Type.String() }, exact);
const TransferEvent = Type.Object({ type: Type.Literal("transfer"), transfer: Transfer }, exact);
/** To every device that holds the content, and to the people who see it. */
const VerdictEvent = Type.Object(
  {
    type: Type.Literal("verdict"),
    sha256: Sha256,
    piecesRoot: Type.Union([Sha256, Type.Null()]),
    verdict: VerdictResult,
    fileName: Type.String(),
    why: Type.String(),
    grantId: Id,
  },
  exact,
);
const QuarantineEvent = Type.Object({ type: Type.Literal("quarantine"), deviceId: Id }, exact);
const CommandEvent = Type.Object(
  { type: Type.Literal("command"), commandId: Id, grantId: Id, command: TransferCommand },
  exact,
);
/** What gates block changed for somebody: a page asks for its list anew. */
const BlocksEvent = Type.Object({ type: Type.Literal("blocks") }, exact);
/** The backlog no longer reaches back to Last-Event-ID: fetch everything again. */
const ResyncEvent = Type.Object({ type: Type.Literal("resync") }, exact);

export const PushEvent = Type.Union([
  RequestEvent,
  GrantEvent,
  RevocationsEvent,
  TransferEvent,
  VerdictEvent,
  QuarantineEvent,
  CommandEvent,
  BlocksEvent,
  ResyncEvent,
]);
export type PushEvent = Static<typeof PushEvent>;
