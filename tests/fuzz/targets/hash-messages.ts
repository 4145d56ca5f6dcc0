// What a peer says about the hashes of a v2 torrent (BEP 52): requests for them, answers to ours, and rejections.

import { present } from "../../../src/base/assert.ts";
import { bytesEqual, toHex } from "../../../src/base/bytes.ts";
import { HashTree, leavesOf } from "../../../src/domain/metainfo/merkle.ts";
import { pieceLevels } from "../../../src/domain/metainfo/piece-hash.ts";
import { sampleTorrent } from "../../../src/engine/engine-under-test.ts";
import type { HashMessage, PeerSession } from "../../../src/engine/peer/session-host.ts";
import type { StoreHandle } from "../../../src/engine/storage/disk-threads.ts";
import { Content } from "../../../src/engine/torrent/content.ts";
import { HashExchange } from "../../../src/engine/torrent/hash-exchange.ts";
import { LeafExchange } from "../../../src/engine/torrent/leaf-exchange.ts";
import { FuzzHost, PIECE_BYTES, PIECES, rowOf, sessionOf } from "../session-host.ts";
import type { FuzzTarget } from "../target.ts";

/** The longest answer, 512 hashes and their proof, with room for the frame. */
const ANSWER_BYTES_MAX = 540 * 32;
const CASES = ["layers", "leaves", "serving"] as const;

const SAMPLE = sampleTorrent({ format: "v2", bytes: PIECES * PIECE_BYTES - 1000, pieceBytes: PIECE_BYTES });
const ROOT = present(SAMPLE.metainfo.files[0]?.piecesRoot, "a root");
const LAYER = present(SAMPLE.metainfo.pieceLayers.get(toHex(ROOT)), "a layer");
const LEAVES = leavesOf(SAMPLE.bytes);
const LEVEL = pieceLevels(PIECE_BYTES);
const TREE = new HashTree({ hashes: LEAVES, baseLevel: 0, fileBytes: SAMPLE.bytes.length });

class HashHost extends FuzzHost {
  readonly exchange: HashExchange;
  messages = 0;
  layers = 0;
  leaves = 0;

  constructor(kind: (typeof CASES)[number]) {
    super();
    const pieceLayers = kind === "layers" ? new Map<string, Uint8Array>() : SAMPLE.metainfo.pieceLayers;
    const content = new Content({ ...SAMPLE.metainfo, pieceLayers });
    if (kind === "serving") for (let piece = 0; piece < PIECES; piece++) content.verified(piece);
    const events = {
      leavesKnown: (piece: number, told: Uint8Array) => this.#tookLeaves(piece, told),
      leavesUnknown: () => undefined,
      upcoming: () => [],
    };
    const leaves = new LeafExchange(content, STORE, events, () => this.nowMs());
    if (kind === "leaves") for (let piece = 0; piece < PIECES; piece++) leaves.want(piece);
    this.exchange = new HashExchange(content, leaves, {
      layer: (root, layer) => this.#tookLayer(root, layer),
      forged: () => undefined,
    });
  }

  override isV2(): boolean {
    return true;
  }

  override hashMessage(session: PeerSession, message: HashMessage): string | undefined {
    this.messages += 1;
    return this.exchange.heard(session, message);
  }

  #tookLayer(root: string, layer: Uint8Array): void {
    this.layers += 1;
    if (root !== toHex(ROOT) || !bytesEqual(layer, LAYER)) throw new Error("a layer is taken only when it is right");
  }

  #tookLeaves(piece: number, told: Uint8Array): void {
    this.leaves += 1;
    const right = LEAVES.subarray(piece * 64, piece * 64 + 64);
    if (!bytesEqual(told, right)) throw new Error("leaves are taken only when they are right");
  }
}

/** A disk that has every piece. */
const STORE: StoreHandle = {
  ask: (request, done) => {
    if (request.kind !== "leaves") throw new Error(`nobody asks the disk for ${request.kind} here`);
    const begin = request.piece * PIECE_BYTES;
    done({ kind: "leaves", leaves: leavesOf(SAMPLE.bytes.subarray(begin, begin + PIECE_BYTES)) });
  },
  close: (done) => done(),
};

export const HASH_MESSAGES: FuzzTarget = {
  name: "hash-messages",
  seeds: () => [
    rowFor("layers", answer(LEVEL, 0, PIECES)),
    rowFor("layers", { type: "hashReject", ...fields(LEVEL, 0, PIECES) }, answer(LEVEL, 0, PIECES)),
    rowFor("leaves", answer(0, 0, 2), answer(0, 2, 2), { type: "hashReject", ...fields(0, 4, 2) }),
    rowFor("leaves", answer(0, 6, 2), answer(0, 6, 2)),
    rowFor("serving", { type: "hashRequest", ...fields(LEVEL, 0, PIECES) }),
    rowFor("serving", { type: "hashRequest", ...fields(LEVEL, 2, 2) }, { type: "hashRequest", ...fields(0, 2, 2) }),
  ],
  run(input) {
    const kind = present(CASES[(input[0] ?? 0) % CASES.length], "a case");
    const host = new HashHost(kind);
    const session = sessionOf(host, PIECES);
    for (let piece = 0; piece < PIECES; piece++) session.has?.set(piece);
    host.exchange.tick(new Map([[session.id, session]]));
    session.out.flush();
    const askedBytes = host.sentBytes;
    session.received(input.subarray(1));
    host.exchange.peerGone(session);
    session.out.flush();
    const answeredBytes = host.sentBytes - askedBytes;
    if (answeredBytes > host.messages * ANSWER_BYTES_MAX) throw new Error("each message costs one answer at most");
    if (host.leaves > PIECES || host.layers > 1) throw new Error("what is known is not asked for again");
    return `${kind} ${host.closedWhy} ${host.layers} ${host.leaves} ${answeredBytes > 0}`;
  },
};

function fields(baseLayer: number, index: number, length: number) {
  return { piecesRoot: ROOT, baseLayer, index, length, proofLayers: 0 };
}

function answer(baseLayer: number, index: number, length: number): HashMessage {
  // Leaves are proven to the hash of their piece, which is known; the layer is whole.
  const nodes = present(TREE.answer({ level: baseLayer, index, count: length }, 0), "a range of the tree");
  return { type: "hashes", ...fields(baseLayer, index, length), hashes: new Uint8Array(Buffer.concat(nodes)) };
}

function rowFor(kind: (typeof CASES)[number], ...messages: readonly HashMessage[]): Uint8Array {
  const row = rowOf(...messages);
  row[0] = CASES.indexOf(kind);
  return row;
}
