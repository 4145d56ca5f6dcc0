import assert from "node:assert/strict";
import { test } from "node:test";
import type { TcpSocket } from "../../../world/net.ts";
import { SimClock } from "../../../world/sim/clock.ts";
import { memoryPair } from "../memory-pair.ts";
import { TlsStream } from "./stream.ts";

const HOUR_MS = 3_600_000;

function streamFor(clock: SimClock, lastsMs: number) {
  const [mine] = memoryPair("tls", 1000);
  const socket: TcpSocket = mine;
  const peer = {
    serverName: "",
    dnsNames: [],
    commonNames: [],
    certificateDer: new Uint8Array(0),
    expiresAtMs: clock.wallMs() + lastsMs,
  };
  const stream = new TlsStream(
    { socket, peer },
    { infoHash: new Uint8Array(20), transport: "tls" },
    clock,
    () => undefined,
  );
  const closes: string[] = [];
  stream.start({ onData: () => undefined, onDrain: () => undefined, onClose: (why) => closes.push(why) });
  return closes;
}

test("H97: a stream under way ends when the peer's certificate does", async () => {
  const clock = new SimClock();
  const closes = streamFor(clock, 40 * 24 * HOUR_MS);
  await clock.advance(40 * 24 * HOUR_MS - 1000);
  assert.deepEqual(closes, []);
  await clock.advance(1000);
  assert.deepEqual(closes, ["certificate-expired"]);
});

test("H98: setting the date back does not prolong it, setting it forward shortens it", async () => {
  const back = new SimClock();
  const prolonged = streamFor(back, 30 * HOUR_MS);
  await back.advance(20 * HOUR_MS);
  back.shiftWall(-100 * HOUR_MS);
  await back.advance(10 * HOUR_MS);
  assert.deepEqual(prolonged, ["certificate-expired"]);
  const forward = new SimClock();
  const shortened = streamFor(forward, 100 * HOUR_MS);
  forward.shiftWall(90 * HOUR_MS);
  await forward.advance(25 * HOUR_MS);
  assert.deepEqual(shortened, ["certificate-expired"]);
});
