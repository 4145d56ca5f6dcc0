import { deepEqual, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import { ok } from "../../base/result.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import { encodeHandshake } from "../../wire/peer/handshake.ts";
import { encodeMessage } from "../../wire/peer/message.ts";
import type { Http } from "../../world/http.ts";
import { SimClock } from "../../world/sim/clock.ts";
import { SeededEntropy } from "../../world/sim/entropy.ts";
import { SwarmUnderTest } from "../discovery/swarm-under-test.ts";
import type { PeerStream } from "../transport/transport.ts";
import { webSeedDiscovery } from "./discovery.ts";

const BYTES = 65_536;
const BLOCK_BYTES = 16_384;
const REACH = { privateAddresses: true, loopback: true };
const TORRENT = {
  name: "f",
  bareFile: true,
  format: "v1",
  pieceLengthBytes: BYTES,
  spanBytes: BYTES,
  files: [{ path: ["f"], bytes: BYTES, offsetBytes: 0 }],
} as unknown as Metainfo;

/** A web server that gives so many ranges on each connection before it is out of order. */
function serverGiving(rangesPerConnection: number): { readonly http: Http; begin(): void } {
  let left = 0;
  const exchange: Http["exchange"] = async ({ headers, onHead, onBody }) => {
    const range = present(headers["range"], "a range").slice("bytes=".length);
    const [from = 0, to = 0] = range.split("-").map(Number);
    const isGiven = left-- > 0;
    const head = new Map([["content-range", `bytes ${range}/${BYTES}`]]);
    if (onHead({ status: isGiven ? 206 : 503, headers: head })) onBody(new Uint8Array(to - from + 1));
    return ok();
  };
  return { http: { exchange }, begin: () => (left = rangesPerConnection) };
}

/** When a web seed is tried, by a torrent that asks for one block after the other. */
async function triedAtSeconds(rangesPerConnection: number, forSeconds: number): Promise<number[]> {
  const clock = new SimClock();
  const server = serverGiving(rangesPerConnection);
  const tries: number[] = [];
  const adopt = (stream: PeerStream): void => {
    tries.push(Math.round(clock.monotonicMs() / 1_000));
    server.begin();
    let asked = 0;
    const ask = (): void => {
      const block = { piece: 0, beginBytes: (asked++ % 4) * BLOCK_BYTES, lengthBytes: BLOCK_BYTES };
      stream.write(encodeMessage({ type: "request", ...block }));
    };
    stream.start({
      onData: (bytes) => bytes.length > BLOCK_BYTES && ask(),
      onClose: () => undefined,
      onDrain: () => undefined,
    });
    stream.write(
      encodeHandshake({ bits: new Set(["fast"]), infoHash: new Uint8Array(20), peerId: new Uint8Array(20) }),
    );
    ask();
  };
  const swarm = Object.assign(new SwarmUnderTest(), { metainfo: () => TORRENT, adopt });
  const world = { clock, entropy: new SeededEntropy(1), http: server.http, names: { resolve: async () => [] } };
  const running = webSeedDiscovery({ urls: ["http://127.0.0.1:80/f"], reach: REACH }, world).start(swarm);
  for (let second = 0; second < forSeconds; second += 1) await clock.advance(1_000);
  await running.stop();
  return tries.map((second) => second - present(tries[0], "a first try"));
}

test("a web seed that gives nothing is tried after ever longer pauses", async () => {
  deepEqual(await triedAtSeconds(0, 80), [0, 10, 30, 70]);
});

test("one that gave something before it failed is tried again after the first pause, however often that happens", async () => {
  const tries = await triedAtSeconds(3, 80);
  truthy(tries.length >= 8, tries.join(", "));
});
