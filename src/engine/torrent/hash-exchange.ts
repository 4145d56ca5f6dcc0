// Fetches and serves the piece layers of BEP 52 by hash requests: a v2 magnet cannot verify a piece without them.

import { present } from "../../base/assert.ts";
import { toHex } from "../../base/bytes.ts";
import {
  blockCountOf,
  type HashRange,
  HashTree,
  levelsAbove,
  proofLevelsFor,
  provesRange,
  SHA256_BYTES,
} from "../../domain/metainfo/merkle.ts";
import { pieceLevels } from "../../domain/metainfo/piece-hash.ts";
import type { MessageOf } from "../../wire/peer/format.ts";
import type { HashMessage, PeerSession } from "../peer/session-host.ts";
import type { Content } from "./content.ts";
import type { LeafExchange } from "./leaf-exchange.ts";
import type { HashFields } from "./leaf-place.ts";

/** BEP 52: at most this many hashes in one answer. */
const HASHES_MAX = 512;
const REQUESTS_PER_PEER_MAX = 4;
const TREES_KEPT_MAX = 16;

type Chunk = {
  readonly root: Uint8Array;
  readonly range: HashRange;
  readonly height: number;
  askedOf: PeerSession | undefined;
};
type Layer = { readonly bytes: Buffer; readonly pieceCount: number; readonly chunks: Chunk[]; left: number };

export type HashExchangeEvents = {
  /** A whole layer, proven to lead to its root. */
  layer(rootHex: string, layer: Uint8Array): void;
  /** H58: the peer sent hashes that do not lead to the root. */
  forged(session: PeerSession): void;
};

export class HashExchange {
  readonly leaves: LeafExchange;
  readonly #content: Content;
  readonly #events: HashExchangeEvents;
  readonly #missing = new Map<string, Layer>();
  readonly #trees = new Map<string, HashTree>();
  readonly #refusedBy = new WeakMap<PeerSession, number>();

  constructor(content: Content, leaves: LeafExchange, events: HashExchangeEvents) {
    this.leaves = leaves;
    this.#content = content;
    this.#events = events;
    const { metainfo } = content;
    for (const { piecesRoot, bytes } of metainfo.files) {
      if (piecesRoot === undefined || bytes <= metainfo.pieceLengthBytes) continue;
      if (!metainfo.pieceLayers.has(toHex(piecesRoot)))
        this.#missing.set(toHex(piecesRoot), this.#plan(piecesRoot, bytes));
    }
  }

  get isComplete(): boolean {
    return this.#missing.size === 0;
  }

  #plan(root: Uint8Array, fileBytes: number): Layer {
    const level = pieceLevels(this.#content.metainfo.pieceLengthBytes);
    const height = levelsAbove(blockCountOf(fileBytes));
    const pieceCount = Math.ceil(fileBytes / this.#content.metainfo.pieceLengthBytes);
    const count = Math.min(HASHES_MAX, 2 ** (height - level));
    const chunks: Chunk[] = [];
    for (let index = 0; index < pieceCount; index += count) {
      chunks.push({ root, range: { level, index, count }, height, askedOf: undefined });
    }
    return { bytes: Buffer.alloc(pieceCount * SHA256_BYTES), pieceCount, chunks, left: chunks.length };
  }

  /** Once a second. */
  tick(sessions: ReadonlyMap<number, PeerSession>): void {
    for (const session of sessions.values()) this.askMore(session);
    this.leaves.tick();
    this.askForLeaves(sessions);
  }

  /** Pieces that failed, or are fetched among liars, wait for the hashes of their blocks. */
  askForLeaves(sessions: ReadonlyMap<number, PeerSession>): void {
    for (const session of sessions.values()) this.leaves.askMore(session);
  }

  /** Asks this peer for what is missing and not asked of anybody. */
  askMore(session: PeerSession): void {
    if (this.isComplete || !session.v2 || (this.#refusedBy.get(session) ?? 0) > REQUESTS_PER_PEER_MAX) return;
    let open = this.#openTo(session);
    for (const layer of this.#missing.values()) {
      for (const chunk of layer.chunks) {
        if (open >= REQUESTS_PER_PEER_MAX) return;
        if (chunk.askedOf !== undefined) continue;
        chunk.askedOf = session;
        open++;
        session.out.message({ type: "hashRequest", ...fieldsOf(chunk) });
      }
    }
  }

  #openTo(session: PeerSession): number {
    let open = 0;
    for (const layer of this.#missing.values()) for (const chunk of layer.chunks) if (chunk.askedOf === session) open++;
    return open;
  }

  peerGone(session: PeerSession): void {
    this.leaves.peerGone(session);
    for (const layer of this.#missing.values()) {
      for (const chunk of layer.chunks) if (chunk.askedOf === session) chunk.askedOf = undefined;
    }
  }

  /** Returns the fault for which the peer has to go. */
  heard(session: PeerSession, message: HashMessage): string | undefined {
    switch (message.type) {
      case "hashRequest":
        return this.#requested(session, message);
      case "hashes":
        return this.#received(session, message);
      case "hashReject":
        this.#rejected(session, message);
        return undefined;
      default:
        return message satisfies never;
    }
  }

  #rejected(session: PeerSession, message: MessageOf<"hashReject">): void {
    if (this.leaves.concerns(message)) return this.leaves.rejected(session, message);
    this.#refusedBy.set(session, (this.#refusedBy.get(session) ?? 0) + 1);
    const found = this.#find(session, message);
    if (found !== undefined) found.chunk.askedOf = undefined;
  }

  #received(session: PeerSession, message: MessageOf<"hashes">): string | undefined {
    if (this.leaves.concerns(message)) return this.leaves.received(session, message);
    const found = this.#find(session, message);
    if (found === undefined) return "hashes-unsolicited";
    const { layer, chunk } = found;
    const { root, height, range } = chunk;
    if (!provesRange({ root, height, range, nodes: message.hashes })) {
      chunk.askedOf = undefined;
      this.#events.forged(session);
      return "hashes-forged";
    }
    const count = Math.min(range.count, layer.pieceCount - range.index);
    layer.bytes.set(message.hashes.subarray(0, count * SHA256_BYTES), range.index * SHA256_BYTES);
    layer.chunks.splice(layer.chunks.indexOf(chunk), 1);
    if (layer.chunks.length === 0) {
      this.#missing.delete(toHex(root));
      this.#events.layer(toHex(root), new Uint8Array(layer.bytes));
    }
    this.askMore(session);
    return undefined;
  }

  #find(session: PeerSession, message: HashFields): { layer: Layer; chunk: Chunk } | undefined {
    const layer = this.#missing.get(toHex(message.piecesRoot));
    const chunk = layer?.chunks.find(
      ({ askedOf, range }) =>
        askedOf === session &&
        range.level === message.baseLayer &&
        range.index === message.index &&
        range.count === message.length,
    );
    return layer && chunk && { layer, chunk };
  }

  /** H57: a request that no client would send costs the connection; one that we cannot answer gets a reject. */
  #requested(session: PeerSession, message: MessageOf<"hashRequest">): string | undefined {
    const { baseLayer, index, length, proofLayers, piecesRoot } = message;
    const isPowerOfTwo = length >= 2 && (length & (length - 1)) === 0;
    if (!isPowerOfTwo || length > HASHES_MAX || index % length !== 0) return "hash-request-wrong";
    const tree = this.#treeOf(toHex(piecesRoot));
    const fields = { piecesRoot, baseLayer, index, length, proofLayers };
    if (this.leaves.concerns(fields)) {
      this.leaves.answers.requested(session, fields, tree);
      return undefined;
    }
    const nodes = tree?.answer({ level: baseLayer, index, count: length }, proofLayers);
    if (nodes === undefined) session.out.message({ type: "hashReject", ...fields });
    else session.out.message({ type: "hashes", ...fields, hashes: new Uint8Array(Buffer.concat(nodes)) });
    return undefined;
  }

  #treeOf(rootHex: string): HashTree | undefined {
    const known = this.#trees.get(rootHex);
    if (known !== undefined) return known;
    const { metainfo } = this.#content;
    const hashes = metainfo.pieceLayers.get(rootHex);
    const file = metainfo.files.find((one) => one.piecesRoot !== undefined && toHex(one.piecesRoot) === rootHex);
    if (hashes === undefined || file === undefined) return undefined;
    const tree = new HashTree({ hashes, baseLevel: pieceLevels(metainfo.pieceLengthBytes), fileBytes: file.bytes });
    const [oldest] = this.#trees.keys();
    if (this.#trees.size >= TREES_KEPT_MAX) this.#trees.delete(present(oldest, "a kept tree"));
    this.#trees.set(rootHex, tree);
    return tree;
  }
}

function fieldsOf({ root, range, height }: Chunk): HashFields {
  return {
    piecesRoot: root,
    baseLayer: range.level,
    index: range.index,
    length: range.count,
    proofLayers: proofLevelsFor(height, range),
  };
}
