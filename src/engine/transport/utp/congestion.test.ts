import assert from "node:assert/strict";
import { test } from "node:test";
import { Ledbat } from "./congestion.ts";
import { DelayHistory } from "./delay.ts";

const PACKET_BYTES = 1472;

/** One round trip in which the whole window is acknowledged. */
function round(ledbat: Ledbat, delayMs: number, windowWasFull = true): void {
  for (let left = ledbat.windowBytes; left > 0; left -= PACKET_BYTES) {
    ledbat.acknowledged({ bytes: Math.min(left, PACKET_BYTES), delayUs: delayMs * 1000, windowWasFull });
  }
}

/** Past its slow start, with an empty queue. */
function settled(): Ledbat {
  const ledbat = new Ledbat(PACKET_BYTES);
  for (let n = 0; n < 8; n++) round(ledbat, 0);
  round(ledbat, 110);
  while (ledbat.slowStart) round(ledbat, 0);
  return ledbat;
}

test("the window doubles each round trip until packets wait longer than the target", () => {
  const ledbat = new Ledbat(PACKET_BYTES);
  const before = ledbat.windowBytes;
  round(ledbat, 0);
  round(ledbat, 0);
  assert.equal(ledbat.windowBytes, 4 * before);
  assert.ok(ledbat.slowStart);
  round(ledbat, 110);
  const above = ledbat.windowBytes;
  for (let n = 0; n < 3; n++) round(ledbat, 0);
  assert.ok(ledbat.windowBytes < 2 * above, `${ledbat.windowBytes} after ${above}`);
});

test("afterwards it grows by two packets a round trip at most, less the nearer the target is, and shrinks above it", () => {
  const growth = (delayMs: number) => {
    const ledbat = settled();
    const before = ledbat.windowBytes;
    round(ledbat, delayMs);
    return ledbat.windowBytes - before;
  };
  assert.ok(growth(0) > 2900 && growth(0) <= 3000, `${growth(0)}`);
  assert.ok(growth(50) < growth(10) && growth(50) > growth(90) && growth(90) > 0);
  assert.ok(growth(120) < 0 && growth(200) < growth(120));
});

test("a sender that its window does not hold back does not save up a larger one", () => {
  const ledbat = settled();
  const before = ledbat.windowBytes;
  round(ledbat, 0, false);
  assert.equal(ledbat.windowBytes, before);
});

test("losses in a queue that overflows at 60 ms bring the target to 30 ms", () => {
  const ledbat = settled();
  for (let n = 0; n < 10; n++) {
    round(ledbat, 60);
    ledbat.lost();
  }
  for (let n = 0; n < 50; n++) round(ledbat, 0);
  const before = ledbat.windowBytes;
  round(ledbat, 29);
  assert.ok(ledbat.windowBytes > before);
  const above = ledbat.windowBytes;
  round(ledbat, 35);
  assert.ok(ledbat.windowBytes < above);
});

test("a chance loss in a queue that held more leaves the target where it is", () => {
  const ledbat = settled();
  round(ledbat, 20);
  ledbat.lost();
  const before = ledbat.windowBytes;
  round(ledbat, 95);
  assert.ok(ledbat.windowBytes > before);
});

test("the smallest window is two packets, however often something is lost", () => {
  const ledbat = settled();
  for (let n = 0; n < 40; n++) ledbat.lost();
  assert.equal(ledbat.windowBytes, 2 * PACKET_BYTES);
});

test("queueing delay is told against the least that was seen, whatever the two clocks say, also where they wrap", () => {
  for (const offset of [0, 123_456, 2 ** 32 - 10_000]) {
    const delays = new DelayHistory();
    const add = (us: number, nowMs: number) => delays.add((offset + us) >>> 0, nowMs);
    assert.equal(add(20_000, 0), 0);
    add(70_000, 10);
    add(70_000, 20);
    assert.equal(add(70_000, 30), 50_000);
    assert.equal(add(15_000, 40), 0);
    for (let n = 0; n < 3; n++) add(70_000, 50 + n);
    assert.equal(add(70_000, 60), 55_000);
  }
});

test("one late packet is not taken for a queue", () => {
  const delays = new DelayHistory();
  delays.add(1000, 0);
  delays.add(2000, 10);
  assert.equal(delays.add(500_000, 20), 0);
});

test("a clock that drifts, and a path that became longer, are forgiven after a quarter of an hour", () => {
  const delays = new DelayHistory();
  let nowMs = 0;
  const wait = (us: number) => {
    let delayUs = 0;
    for (let n = 0; n < 4; n++) {
      nowMs += 10_000;
      delayUs = delays.add(us, nowMs);
    }
    return delayUs;
  };
  wait(10_000);
  assert.equal(wait(60_000), 50_000);
  for (let n = 0; n < 25; n++) wait(60_000);
  assert.equal(wait(60_000), 0);
});
