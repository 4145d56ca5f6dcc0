// Transfers, asking and quarantine as the command sees them over a node's local API.

import { type Static, Type } from "typebox";
import {
  AtMs,
  Bytes,
  exact,
  GrantState,
  Id,
  Path,
  RequestState,
  TransferState,
  VerdictResult,
} from "../api/v1/field.ts";

const FILE_STATES = [
  "fetching",
  "held",
  "scanning",
  "clean",
  "released",
  "infected",
  "suspicious",
  "unscanned",
  "destroyed",
] as const;

export const LocalFile = Type.Object(
  {
    entryId: Id,
    path: Type.String(),
    bytes: Bytes,
    bytesDone: Bytes,
    state: Type.Enum([...FILE_STATES]),
    sha256: Type.Union([Type.String(), Type.Null()]),
    verdict: Type.Union([VerdictResult, Type.Null()]),
    why: Type.String(),
    libraryPath: Type.Union([Type.String(), Type.Null()]),
  },
  exact,
);
export type LocalFile = Static<typeof LocalFile>;

const Rate = Type.Integer({ minimum: 0 });

const LocalPeer = Type.Object(
  {
    address: Type.String(),
    client: Type.String(),
    transport: Type.String(),
    rateDown: Rate,
    rateUp: Rate,
    progress: Type.Number({ minimum: 0, maximum: 1 }),
  },
  exact,
);

export const LocalTransfer = Type.Object(
  {
    /** The grant's id: every transfer is tied to one. */
    id: Id,
    requestId: Id,
    name: Type.String(),
    infoHash: Type.String(),
    state: TransferState,
    /** One sentence: why it is in this state, or as fast as it is. */
    why: Type.String(),
    grantState: Type.Union([GrantState, Type.Null()]),
    grantEndsAtMs: Type.Union([AtMs, Type.Null()]),
    seeding: Type.Boolean(),
    bytesDone: Bytes,
    bytesTotal: Type.Union([Bytes, Type.Null()]),
    bytesDown: Bytes,
    bytesUp: Bytes,
    rateDown: Rate,
    rateUp: Rate,
    peersConnected: Type.Integer(),
    pieceCount: Type.Union([Type.Integer(), Type.Null()]),
    pieces: Type.Union([Type.String(), Type.Null()]),
    libraryPath: Type.Union([Type.String(), Type.Null()]),
    path: Path,
    files: Type.Array(LocalFile),
    peers: Type.Array(LocalPeer),
  },
  exact,
);
export type LocalTransfer = Static<typeof LocalTransfer>;

/** Asked for on this computer, and not decided yet. */
export const WaitingRequest = Type.Object(
  {
    requestId: Id,
    url: Type.String(),
    name: Type.String(),
    requestState: RequestState,
    /** What a reviewer asks; empty while nobody does. */
    question: Type.String(),
    path: Path,
  },
  exact,
);
export type WaitingRequest = Static<typeof WaitingRequest>;

/** What waits is known to the portal: null while it cannot be asked. */
export const LocalTransfers = Type.Object(
  { transfers: Type.Array(LocalTransfer), requests: Type.Union([Type.Array(WaitingRequest), Type.Null()]) },
  exact,
);
export type LocalTransfers = Static<typeof LocalTransfers>;

export const GetCall = Type.Object(
  {
    /** Base64 of a .torrent file, or a magnet link: exactly one. */
    torrent: Type.Optional(Type.String({ maxLength: 14_000_000 })),
    magnet: Type.Optional(Type.String({ maxLength: 32_768 })),
    /** An absolute folder; default the node's library. */
    outDir: Type.Optional(Type.String({ minLength: 1, maxLength: 4_096 })),
    reason: Type.Optional(Type.String({ maxLength: 2_000 })),
    durationSeconds: Type.Integer({ minimum: 60, maximum: 366 * 86_400 }),
  },
  exact,
);
export type GetCall = Static<typeof GetCall>;

/** Where something that was asked for stands: what `get --wait` looks at until it ends. */
export const Asked = Type.Object(
  {
    /** "asked": a request was filed now; "waiting": it was filed before; "granted": a grant covers it already. */
    outcome: Type.Enum(["asked", "waiting", "granted"]),
    requestId: Id,
    url: Type.String(),
    name: Type.String(),
    requestState: RequestState,
    /** What the reviewer or the policy said last. */
    why: Type.String(),
    path: Path,
    transfer: Type.Union([LocalTransfer, Type.Null()]),
  },
  exact,
);
export type Asked = Static<typeof Asked>;

export const QuarantineEntry = Type.Object(
  {
    id: Id,
    transferId: Id,
    name: Type.String(),
    fileName: Type.String(),
    bytes: Bytes,
    state: Type.Enum([...FILE_STATES]),
    sha256: Type.Union([Type.String(), Type.Null()]),
    why: Type.String(),
    engine: Type.Union([Type.String(), Type.Null()]),
    signatureVersion: Type.Union([Type.String(), Type.Null()]),
    reason: Type.Union([Type.String(), Type.Null()]),
    within: Type.Array(Type.String()),
    heldSinceMs: AtMs,
  },
  exact,
);
export type QuarantineEntry = Static<typeof QuarantineEntry>;
export const QuarantineList = Type.Object({ entries: Type.Array(QuarantineEntry) }, exact);
export const Done = Type.Object({ done: Type.Literal(true), says: Type.String() }, exact);
export type Done = Static<typeof Done>;
