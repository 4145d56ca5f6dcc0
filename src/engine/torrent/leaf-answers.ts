// Tells others the hashes of a verified piece's blocks. Nobody keeps them: each answer costs the reading and hashing of
// the piece, so few are made at a time, and a peer that asks for more than its share is refused.

import { present } from "../../base/assert.ts";
import { toHex } from "../../base/bytes.ts";
import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import { HashTree, levelsAbove } from "../../domain/metainfo/merkle.ts";
import type { PeerSession } from "../peer/session-host.ts";
import type { StoreHandle } from "../storage/disk-threads.ts";
import type { Content } from "./content.ts";
import { type HashFields, type LeafPlace, leafPlaceOf } from "./leaf-place.ts";

const AT_ONCE_MAX = 4;
const WAITING_PER_PEER_MAX = 4;

type Question = { readonly session: PeerSession; readonly fields: HashFields; readonly above: HashTree | undefined };

export class LeafAnswers {
  readonly #content: Content;
  readonly #store: StoreHandle;
  /** First asked, first answered. */
  readonly #waiting: Question[] = [];
  readonly #open = new WeakMap<PeerSession, number>();
  #answering = 0;

  constructor(content: Content, store: StoreHandle) {
    this.#content = content;
    this.#store = store;
  }

  /** Answers from the piece on disk, or rejects. The request is well-formed and asks for a row of leaves. */
  requested(session: PeerSession, fields: HashFields, above: HashTree | undefined): void {
    const open = this.#open.get(session) ?? 0;
    if (open >= WAITING_PER_PEER_MAX) return reject(session, fields);
    this.#open.set(session, open + 1);
    this.#waiting.push({ session, fields, above });
    this.#next();
  }

  #next(): void {
    while (this.#answering < AT_ONCE_MAX) {
      const question = this.#waiting.shift();
      if (question === undefined) return;
      this.#open.set(question.session, (this.#open.get(question.session) ?? 1) - 1);
      if (!question.session.closed) this.#answer(question);
    }
  }

  #answer({ session, fields, above }: Question): void {
    const piece = this.#pieceOf(fields);
    const expected = piece === undefined ? undefined : this.#content.expectation(piece);
    if (piece === undefined || expected === undefined) return reject(session, fields);
    const place = present(leafPlaceOf(this.#content, piece), "a piece of a file with a root");
    this.#answering++;
    this.#store.ask({ kind: "leaves", piece, expected }, (answer) => {
      this.#answering--;
      this.#next();
      if (session.closed) return;
      if (answer.kind !== "leaves") return reject(session, fields);
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
    const place = leafPlaceOf(this.#content, piece);
    return place !== undefined && index + length <= place.first + 2 ** place.levels ? piece : undefined;
  }
}

function reject(session: PeerSession, fields: HashFields): void {
  session.out.message({ type: "hashReject", ...fields });
}

/** The row, then the siblings on its way up: first within the piece, then `above` it. */
function answerFrom(leaves: Uint8Array, fields: HashFields, place: LeafPlace, above: HashTree | undefined): Uint8Array {
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
