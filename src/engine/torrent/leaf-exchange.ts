// The hashes of a piece's blocks (BEP 52's leaves): asked for when a v2 piece failed, so that only its bad blocks are
// fetched again and only who sent them is banned; and told to others who ask.

import { present } from "../../base/assert.ts";
import { bytesEqual, toHex } from "../../base/bytes.ts";
import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import { HashTree, levelsAbove, rootOf, SHA256_BYTES } from "../../domain/metainfo/merkle.ts";
import { pieceHashV2 } from "../../domain/metainfo/piece-hash.ts";
import type { MessageOf } from "../../wire/peer/format.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { PeerSession } from "../peer/session-host.ts";
import type { StoreHandle } from "../storage/disk-threads.ts";
import type { Content } from "./content.ts";

/** BEP 52: at most this many hashes in one answer; blocks of larger pieces are not asked for. */
const LEAVES_MAX = 512;
const ANSWER_MS_MAX = 5_000;
const PEERS_ASKED_MAX = 3;
/** So long only hosts are asked whose pieces were right. */
const TRUSTED_FIRST_MS = 1_000;
/** Each answer costs the reading and hashing of a piece. */
const ANSWERING_MAX = 4;

export type HashFields = Omit<MessageOf<"hashRequest">, "type">;
type Wanted = {
  askedOf: PeerSession | undefined;
  askedAtMs: MonotonicMs;
  readonly wantedAtMs: MonotonicMs;
  readonly tried: Set<PeerSession>;
};
/** Where a piece's leaves lie in the tree of its file. */
type Place = { readonly root: Uint8Array; readonly first: number; readonly levels: number; readonly hash: Uint8Array };

export type LeafExchangeEvents = {
  /** The leaves of a piece, proven to lead to its hash. */
  known(piece: number, leaves: Uint8Array): void;
  /** Nobody told them. */
  unknown(piece: number): void;
  /** Whether what the host sent was right: a liar lets us wait for hashes too. */
  isTrusted(host: string): boolean;
};

export class LeafExchange {
  readonly #content: Content;
  readonly #store: StoreHandle;
  readonly #events: LeafExchangeEvents;
  readonly #wanted = new Map<number, Wanted>();
  /** Whoever was asked may answer late. */
  readonly #owing = new WeakMap<PeerSession, number>();
  /** Whoever was asked and did not answer is not asked again. */
  readonly #silent = new WeakSet<PeerSession>();
  #answering = 0;

  constructor(content: Content, store: StoreHandle, events: LeafExchangeEvents) {
    this.#content = content;
    this.#store = store;
    this.#events = events;
  }

  /** Whether a message about hashes is one about leaves. */
  concerns({ baseLayer }: HashFields): boolean {
    return baseLayer === 0 && this.#content.metainfo.pieceLengthBytes > BLOCK_BYTES;
  }

  /** False for a piece whose leaves cannot be asked for. */
  want(piece: number, nowMs: MonotonicMs): boolean {
    const place = this.#placeOf(piece);
    if (place === undefined || place.levels === 0 || 2 ** place.levels > LEAVES_MAX) return false;
    this.#wanted.set(piece, { askedOf: undefined, askedAtMs: nowMs, wantedAtMs: nowMs, tried: new Set() });
    return true;
  }

  #placeOf(piece: number): Place | undefined {
    const { metainfo, layout } = this.#content;
    const index = this.#content.index(piece);
    const node = pieceHashV2(metainfo, layout, index);
    const place = layout.place(index);
    const root = place && metainfo.files[place.file]?.piecesRoot;
    if (node === undefined || place === undefined || root === undefined) return undefined;
    return { root, first: place.pieceInFile * 2 ** node.levels, levels: node.levels, hash: node.hash };
  }

  askMore(session: PeerSession, nowMs: MonotonicMs): void {
    if (!session.v2 || this.#silent.has(session)) return;
    for (const [piece, wanted] of this.#wanted) {
      if (wanted.askedOf !== undefined || wanted.tried.has(session)) continue;
      if (session.has?.has(piece) !== true) continue;
      const isEarly = nowMs - wanted.wantedAtMs < TRUSTED_FIRST_MS;
      if (isEarly && !this.#events.isTrusted(session.stream.remote.host)) continue;
      wanted.askedOf = session;
      wanted.askedAtMs = nowMs;
      wanted.tried.add(session);
      this.#owing.set(session, (this.#owing.get(session) ?? 0) + 1);
      session.out.message({ type: "hashRequest", ...requestFor(present(this.#placeOf(piece), "a wanted piece")) });
    }
  }

  /** Once a second: who does not answer has had its chance. */
  tick(nowMs: MonotonicMs): void {
    for (const [piece, wanted] of this.#wanted) {
      if (nowMs - wanted.askedAtMs < ANSWER_MS_MAX) continue;
      if (wanted.askedOf === undefined) this.#giveUp(piece);
      else {
        this.#silent.add(wanted.askedOf);
        this.#next(piece, wanted);
      }
    }
  }

  #next(piece: number, wanted: Wanted): void {
    wanted.askedOf = undefined;
    if (wanted.tried.size >= PEERS_ASKED_MAX) this.#giveUp(piece);
  }

  #giveUp(piece: number): void {
    this.#wanted.delete(piece);
    this.#events.unknown(piece);
  }

  peerGone(session: PeerSession): void {
    for (const [piece, wanted] of this.#wanted) if (wanted.askedOf === session) this.#next(piece, wanted);
  }

  rejected(session: PeerSession, message: HashFields): void {
    const found = this.#find(session, message);
    if (found !== undefined) this.#next(found.piece, found.wanted);
  }

  /** Returns the fault for which the peer has to go. */
  received(session: PeerSession, message: MessageOf<"hashes">): string | undefined {
    const owing = this.#owing.get(session) ?? 0;
    if (owing === 0) return "hashes-unsolicited";
    this.#owing.set(session, owing - 1);
    const found = this.#find(session, message);
    if (found === undefined) return undefined;
    const { piece, place } = found;
    const leaves = message.hashes.subarray(0, 2 ** place.levels * SHA256_BYTES);
    const isWhole = leaves.length === 2 ** place.levels * SHA256_BYTES;
    if (!isWhole || !bytesEqual(rootOf({ hashes: leaves, level: 0, levels: place.levels }), place.hash)) {
      this.#next(piece, found.wanted);
      return "hashes-forged";
    }
    this.#wanted.delete(piece);
    this.#events.known(piece, Uint8Array.from(leaves));
    return undefined;
  }

  #find(session: PeerSession, message: HashFields): { piece: number; wanted: Wanted; place: Place } | undefined {
    for (const [piece, wanted] of this.#wanted) {
      if (wanted.askedOf !== session) continue;
      const place = present(this.#placeOf(piece), "a wanted piece");
      if (message.index === place.first && bytesEqual(message.piecesRoot, place.root)) return { piece, wanted, place };
    }
    return undefined;
  }

  /** Answers from the piece on disk, or rejects. The request is well-formed and asks for a row of leaves. */
  requested(session: PeerSession, fields: HashFields, above: HashTree | undefined): void {
    const piece = this.#pieceOf(fields);
    const expected = piece === undefined ? undefined : this.#content.expectation(piece);
    const reject = () => session.out.message({ type: "hashReject", ...fields });
    if (piece === undefined || expected === undefined || this.#answering >= ANSWERING_MAX) return reject();
    const place = present(this.#placeOf(piece), "a piece of a file with a root");
    this.#answering++;
    this.#store.ask({ kind: "leaves", piece, expected }, (answer) => {
      this.#answering--;
      if (session.closed) return;
      if (answer.kind !== "leaves") return reject();
      session.out.message({ type: "hashes", ...fields, hashes: answerFrom(answer.leaves, fields, place, above) });
    });
  }

  /** The verified piece in which the whole range lies. */
  #pieceOf({ piecesRoot, index, length }: HashFields): number | undefined {
    const { metainfo, layout, have } = this.#content;
    const wanted = toHex(piecesRoot);
    const file = metainfo.files.findIndex((one) => one.piecesRoot !== undefined && toHex(one.piecesRoot) === wanted);
    const at = layout.file(file);
    if (at === undefined) return undefined;
    const { first, end } = layout.piecesOf(at);
    const perPiece = metainfo.pieceLengthBytes / BLOCK_BYTES;
    const piece = first + Math.floor(index / perPiece);
    if (piece >= end || !have.has(piece)) return undefined;
    const place = this.#placeOf(piece);
    return place !== undefined && index + length <= place.first + 2 ** place.levels ? piece : undefined;
  }
}

function requestFor({ root, first, levels }: Place): HashFields {
  return { piecesRoot: root, baseLayer: 0, index: first, length: 2 ** levels, proofLayers: 0 };
}

/** The row, then the siblings on its way up: first within the piece, then `above` it. */
function answerFrom(leaves: Uint8Array, fields: HashFields, place: Place, above: HashTree | undefined): Uint8Array {
  const { index, length, proofLayers } = fields;
  const inPiece = new HashTree({ hashes: leaves, baseLevel: 0, fileBytes: 2 ** place.levels * BLOCK_BYTES });
  const range = { level: 0, index: index - place.first, count: length };
  const nodes = present(inPiece.answer(range, proofLayers), "a range of the piece");
  if (above !== undefined) {
    const last = Math.min(above.height, proofLayers + 1);
    for (let level = Math.max(place.levels, levelsAbove(length)); level < last; level++) {
      nodes.push(above.node(level, (index >>> level) ^ 1));
    }
  }
  return new Uint8Array(Buffer.concat(nodes));
}
