// Transfers as the devices report them, and the commands that go back.

import { type Static, Type } from "typebox";
import {
  AtMs,
  Bytes,
  Cursor,
  Direction,
  exact,
  Id,
  Limit,
  Named,
  NextCursor,
  Path,
  Text,
  TransferState,
} from "./field.ts";

export const PEERS_MAX = 200;
const Rate = Type.Integer({ minimum: 0, description: "Bytes a second" });

export const TransferPeer = Type.Object(
  {
    address: Text(80),
    client: Text(80),
    rateDown: Type.Optional(Rate),
    rateUp: Type.Optional(Rate),
    /** Part of the content that the peer has, 0 to 1. */
    progress: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    transport: Type.Optional(Text(20)),
  },
  exact,
);
export type TransferPeer = Static<typeof TransferPeer>;

const Progress = {
  infoHash: Type.String({ pattern: "^([0-9a-f]{40}|[0-9a-f]{64})$" }),
  state: TransferState,
  /** One sentence: why it is in this state or as fast as it is. */
  why: Text(500),
  bytesDone: Bytes,
  bytesTotal: Type.Union([Bytes, Type.Null()]),
  rateDown: Rate,
  rateUp: Rate,
  peers: Type.Array(TransferPeer, { maxItems: PEERS_MAX }),
  /** Base64 of one bit a piece, high bit first; null before the metadata is known. */
  pieces: Type.Union([Text(400_000), Type.Null()]),
  pieceCount: Type.Union([Type.Integer({ minimum: 0, maximum: 2_400_000 }), Type.Null()]),
  /** Where released files lie, for the person who owns the device. */
  libraryPath: Type.Union([Text(1_000), Type.Null()]),
};

export const TransferReport = Type.Object({ grantId: Id, ...Progress }, exact);
export type TransferReport = Static<typeof TransferReport>;

export const TransferReports = Type.Object({ transfers: Type.Array(TransferReport, { maxItems: 500 }) }, exact);
export type TransferReports = Static<typeof TransferReports>;

/** Reports for grants that are not this device's are left out and counted. */
export const ReportReply = Type.Object({ accepted: Type.Integer(), refused: Type.Integer() }, exact);
export type ReportReply = Static<typeof ReportReply>;

export const Transfer = Type.Object(
  {
    id: Id,
    grantId: Id,
    requestId: Id,
    name: Type.String(),
    direction: Direction,
    person: Named,
    device: Named,
    startedAtMs: AtMs,
    updatedAtMs: AtMs,
    path: Path,
    ...Progress,
  },
  exact,
);
export type Transfer = Static<typeof Transfer>;

export const TransferQuery = Type.Object(
  {
    scope: Type.Enum(["mine", "all"], { default: "mine" }),
    state: Type.Optional(TransferState),
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Limit),
  },
  exact,
);
export type TransferQuery = Static<typeof TransferQuery>;

export const TransferPage = Type.Object(
  { transfers: Type.Array(Transfer), nextCursor: NextCursor, total: Type.Integer() },
  exact,
);
export type TransferPage = Static<typeof TransferPage>;

export const CommandReply = Type.Object({ commandId: Id }, exact);
export type CommandReply = Static<typeof CommandReply>;
