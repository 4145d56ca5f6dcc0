import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../../base/assert.ts";
import type { SimClock } from "../../../world/sim/clock.ts";
import type { RoughLink } from "../../../world/sim/rough-link.ts";
import { Road, Side } from "./road.ts";

const PACKET_BYTES = 1500;
/** CUBIC's factor (RFC 9438): it leaves the queue fuller than Reno would. */
const AFTER_LOSS = 0.7;

/** A loss-based sender, as TCP is: its window grows until a packet is dropped, whatever the queue. */
class LossBased {
  readonly #clock: SimClock;
  readonly #link: RoughLink;
  readonly #latencyMs: number;
  #windowPackets = 10;
  #inFlight = 0;
  #slowStart = true;
  #cutUntilMs = 0;
  #stopped = false;
  arrivedBytes = 0;

  constructor(clock: SimClock, link: RoughLink, latencyMs: number) {
    this.#clock = clock;
    this.#link = link;
    this.#latencyMs = latencyMs;
    this.#send();
  }

  stop(): void {
    this.#stopped = true;
  }

  #send(): void {
    while (!this.#stopped && this.#inFlight < this.#windowPackets) {
      const arrives = this.#link.occupy(PACKET_BYTES);
      this.#inFlight += 1;
      const roundTripMs = this.#link.queuedMs + 2 * this.#latencyMs;
      this.#clock.after(roundTripMs, () => this.#heard(arrives, roundTripMs));
    }
  }

  #heard(arrived: boolean, roundTripMs: number): void {
    this.#inFlight -= 1;
    const nowMs = this.#clock.monotonicMs();
    if (arrived) {
      this.arrivedBytes += PACKET_BYTES;
      this.#windowPackets += this.#slowStart ? 1 : 1 / this.#windowPackets;
    } else if (nowMs >= this.#cutUntilMs) {
      this.#windowPackets = Math.max(2, this.#windowPackets * AFTER_LOSS);
      this.#slowStart = false;
      this.#cutUntilMs = nowMs + roundTripMs;
    }
    this.#send();
  }
}

const LATENCY_MS = 10;
const BYTES_PER_SECOND = 400_000;

async function shares(queueMs: number, first: "tcp" | "utp") {
  const road = new Road({
    bytesPerSecond: BYTES_PER_SECOND,
    latencyMs: LATENCY_MS,
    queueBytesMax: (queueMs / 1000) * BYTES_PER_SECOND,
  });
  const { clock } = road;
  const startTcp = () => new LossBased(clock, road.there, LATENCY_MS);
  let tcp = first === "tcp" ? startTcp() : undefined;
  if (first === "tcp") await clock.advance(4000);
  const alice = new Side(road.dial(), new Uint8Array(20_000_000));
  for (let ms = 0; road.accepted.length === 0 && ms < 10_000; ms += 50) await clock.advance(50);
  const bob = new Side(present(road.accepted[0], "accepted"), new Uint8Array(0));
  await clock.advance(4000);
  tcp ??= startTcp();
  await clock.advance(4000);
  const before = tcp.arrivedBytes;
  await clock.advance(8000);
  const beside = tcp.arrivedBytes - before;
  tcp.stop();
  await clock.advance(4000);
  const alone = bob.receivedBytes;
  await clock.advance(4000);
  const again = bob.receivedBytes - alone;
  alice.stream.close("done");
  return { tcp: beside / (8 * BYTES_PER_SECOND), utp: again / (4 * BYTES_PER_SECOND) };
}

for (const queueMs of [50, 100, 400]) {
  test(`TCP that comes later gets four fifths of a line whose queue holds ${queueMs} ms, and uTP takes it up again`, async () => {
    const share = await shares(queueMs, "utp");
    assert.ok(share.tcp >= 0.8, `TCP got ${share.tcp} of the line`);
    assert.ok(share.utp >= 0.8, `uTP got ${share.utp} of the line afterwards`);
  });
}

// Whoever comes into a queue that is never empty takes its least for an empty one; what TCP adds still shows.
for (const queueMs of [100, 400]) {
  test(`TCP that was there first keeps four fifths of a line whose queue holds ${queueMs} ms`, async () => {
    const share = await shares(queueMs, "tcp");
    assert.ok(share.tcp >= 0.8, `TCP got ${share.tcp} of the line`);
    assert.ok(share.utp >= 0.8, `uTP got ${share.utp} of the line afterwards`);
  });
}
