// Where a fast peer's bytes are read to at once, heads and all: memory of its own, laid out like the piece that it is
// sending. Nobody else writes there, and a whole piece that arrived in order takes that memory for its own, without a copy;
// anything else is copied to the piece's slot, as if it had come through the transport's buffer.

import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import type { BlockRange } from "../../wire/peer/block-frame.ts";
import type { NextByte } from "../../wire/peer/frame-reader.ts";
import type { PeerSession } from "../peer/session-host.ts";
import { blockKey, blockOfKey, pieceOfKey } from "../picker/block-key.ts";
import type { Picker } from "../picker/picker.ts";
import { frameOffset, payloadOffset } from "../storage/framed-piece.ts";
import type { PieceMemory, Slot } from "../storage/piece-memory.ts";
import type { AssembledPiece } from "./assembled-piece.ts";

/** `piece`: whose blocks lie there and nowhere else; undefined: nothing of it is needed. */
export type Landing = { slot: Slot; piece: number | undefined };

/** What such a peer has just sent: the payload of a block begins at `at` of it. */
export type Read = { readonly landing: Landing; readonly read: Buffer; readonly at: number };

export type LandingsParts = {
  readonly memory: PieceMemory;
  readonly slotBytes: number;
  readonly picker: Pick<Picker, "active">;
  readonly assembledOf: (piece: number) => AssembledPiece | undefined;
};

/** A shorter read costs more than the copy that it saves. */
const READ_BYTES_MIN = 32 * 1024;
const LANDINGS_MAX = 4;
/** Slots that are left for pieces, whoever else is served. */
const ROOM_MIN = 4;

export class Landings {
  readonly #parts: LandingsParts;
  readonly #of = new Map<PeerSession, Landing>();

  constructor(parts: LandingsParts) {
    this.#parts = parts;
  }

  get(session: PeerSession): Landing | undefined {
    return this.#of.get(session);
  }

  /** Where the peer's next bytes belong, if that is clear. It is written to until the next call, or the peer's end. */
  place(session: PeerSession, next: NextByte): Buffer | undefined {
    const [first] = session.window.keys();
    if (first === undefined || next.in === "message") return undefined;
    const piece = pieceOfKey(first);
    const block = blockOfKey(first);
    const assembled = this.#parts.assembledOf(piece);
    if (assembled === undefined) return undefined;
    const landing = this.#landingFor(session, assembled, piece, block);
    if (landing === undefined) return undefined;
    const begin = beginOf(session, landing, block, next, piece);
    if (begin === undefined) return undefined;
    const last = lastAsked(session, piece, block);
    const end = payloadOffset(last) + assembled.blockBytes(last);
    return end - begin < READ_BYTES_MIN ? undefined : landing.slot.bytes.subarray(begin, end);
  }

  #landingFor(session: PeerSession, assembled: AssembledPiece, piece: number, block: number): Landing | undefined {
    const known = this.#of.get(session);
    if (known?.piece === piece) return known;
    if (known !== undefined && known.piece !== undefined) return undefined;
    const { memory, slotBytes } = this.#parts;
    if (block !== 0 || !assembled.isUntouched) return undefined;
    if (known !== undefined) return known;
    const isFast = (lastAsked(session, piece, 0) + 1) * BLOCK_BYTES >= assembled.dataBytes;
    if (!isFast || this.#of.size >= LANDINGS_MAX || memory.room(slotBytes) < ROOM_MIN) return undefined;
    const slot = memory.take(slotBytes);
    if (slot === undefined) return undefined;
    const landing = { slot, piece: undefined };
    this.#of.set(session, landing);
    return landing;
  }

  /** Where an expected block goes: to the landing while the whole piece can lie there, else to its slot. */
  placeOf(assembled: AssembledPiece, { piece, beginBytes }: BlockRange, from: Read | undefined): Buffer {
    const block = beginBytes / BLOCK_BYTES;
    if (from !== undefined && mayLand(from, block) && assembled.landsIn(from.landing, piece)) {
      return assembled.blockIn(from.landing.slot, block);
    }
    this.settle(piece);
    return assembled.blockIn(assembled.slot, block);
  }

  /** What arrived of the piece in a landing comes to its slot: others may write there too. */
  settle(piece: number): void {
    const { picker, assembledOf } = this.#parts;
    assembledOf(piece)?.settle((block) => picker.active.get(piece)?.isReceived(block) === true);
  }

  /** The peer's connection is closed: nothing is read any more. */
  forget(session: PeerSession): void {
    const landing = this.#of.get(session);
    if (landing === undefined) return;
    if (landing.piece !== undefined) this.settle(landing.piece);
    this.#of.delete(session);
    this.#parts.memory.give(landing.slot);
  }
}

function beginOf(
  session: PeerSession,
  { slot }: Landing,
  block: number,
  next: Exclude<NextByte, { in: "message" }>,
  piece: number,
): number | undefined {
  if (next.in === "head") return frameOffset(block) + next.bytesHere;
  const target = session.receivingPlace(piece, block);
  if (target === undefined || target.buffer !== slot.memory) return undefined;
  return payloadOffset(block) + target.length - next.bytesLeft;
}

/** The last block of the piece that is asked for in an unbroken row from this one. */
function lastAsked({ window }: PeerSession, piece: number, block: number): number {
  let last = block;
  for (const key of window.keys()) {
    if (key === blockKey(piece, block)) continue;
    if (key !== blockKey(piece, last + 1)) break;
    last++;
  }
  return last;
}

/** False when the payload was read to a wrong place of the landing: put right, it would cover what was read behind it. */
function mayLand({ landing, read, at }: Read, block: number): boolean {
  const { place } = landing.slot;
  return read.buffer !== place?.memory || read.byteOffset + at === place.bytes.byteOffset + payloadOffset(block);
}
