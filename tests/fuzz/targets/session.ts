// A connected peer that sends what it likes: the rules of a session with two blocks owed and two pieces held.

import { REQUESTS_IN_MAX } from "../../../src/engine/peer/session-host.ts";
import { blockKey } from "../../../src/engine/picker/block-key.ts";
import { BLOCK_BYTES, FuzzHost, PIECES, rowOf, sessionOf } from "../session-host.ts";
import type { FuzzTarget } from "../target.ts";

const SENT_BYTES_MAX = 1 << 20;
const HASHES = { piecesRoot: new Uint8Array(32), baseLayer: 0, index: 0, length: 2, proofLayers: 0 };

export const PEER_SESSION: FuzzTarget = {
  name: "peer-session",
  seeds: () => [
    rowOf({ type: "haveAll" }, { type: "unchoke" }, { type: "interested" }),
    rowOf({ type: "bitfield", bits: Uint8Array.of(0xa0) }, { type: "have", piece: 3 }, { type: "choke" }),
    rowOf({ type: "request", piece: 1, beginBytes: 0, lengthBytes: BLOCK_BYTES }, { type: "notInterested" }),
    rowOf({ type: "reject", piece: 0, beginBytes: 0, lengthBytes: BLOCK_BYTES }, { type: "suggest", piece: 2 }),
    rowOf({ type: "piece", piece: 0, beginBytes: 0, data: new Uint8Array(300) }, { type: "allowedFast", piece: 1 }),
    rowOf({ type: "extended", extendedId: 0, payload: Uint8Array.of(0x64, 0x65) }, { type: "haveNone" }),
    rowOf({ type: "hashRequest", ...HASHES }, { type: "hashReject", ...HASHES }),
  ],
  run(input) {
    const host = new FuzzHost();
    const session = sessionOf(host, (input[0] ?? 0) % 5 === 0 ? undefined : PIECES);
    session.setChoking(false, host.nowMs());
    for (const block of [0, 1]) session.window.sent(blockKey(0, block), host.nowMs());
    session.received(input.subarray(1));
    if (!session.closed && session.has === undefined) session.learnPieces(PIECES);
    if (session.requestsIn.length > REQUESTS_IN_MAX) throw new Error("the queue of requests has an end");
    if (host.sentBytes > SENT_BYTES_MAX) throw new Error("answers have an end");
    if (session.closed !== (host.closedWhy !== undefined)) throw new Error("a session that ends tells its host, once");
    return `${host.closedWhy} ${session.has?.count} ${session.requestsIn.length > 0} ${host.blocks}`;
  },
};
