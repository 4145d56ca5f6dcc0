import assert from "node:assert/strict";
import { test } from "node:test";
import { realClock } from "../real/clock.ts";
import { SimClock } from "../sim/clock.ts";
import { clockContract } from "./clock.ts";

clockContract("the machine's clock", () => ({
  clock: realClock,
  pass: (byMs) => new Promise((resolve) => realClock.after(byMs, resolve)),
}));

clockContract("the simulated clock", () => {
  const clock = new SimClock();
  return { clock, pass: (byMs) => clock.advance(byMs) };
});

test("simulated time stands still until it is moved", async () => {
  const clock = new SimClock();
  let calls = 0;
  clock.after(0, () => calls++);
  await Promise.resolve();
  assert.equal(calls, 0);
  await clock.advance(0);
  assert.equal(calls, 1);
});

test("setting the date moves the wall clock and no timer", async () => {
  const clock = new SimClock();
  let calls = 0;
  clock.after(1_000, () => calls++);
  const before = clock.wallMs();
  clock.shiftWall(-86_400_000);
  assert.equal(clock.wallMs(), before - 86_400_000);
  await clock.advance(999);
  assert.equal(calls, 0);
});

test("a thousand timers in any order run in the order of their times", async () => {
  const clock = new SimClock();
  const seen: number[] = [];
  for (let n = 0; n < 1_000; n++) {
    const delayMs = (n * 7_919) % 1_000;
    clock.after(delayMs, () => seen.push(delayMs));
  }
  await clock.advance(1_000);
  assert.equal(seen.length, 1_000);
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
});
