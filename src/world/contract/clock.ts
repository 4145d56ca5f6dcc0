// What every clock promises; the same tests run over the machine's and the simulated one.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../clock.ts";

/** `pass` lets at least that much of the clock's time go by. */
export type ClockUnderTest = { readonly clock: Clock; pass(byMs: number): Promise<void> };

export function clockContract(name: string, make: () => ClockUnderTest): void {
  test(`${name}: neither clock goes back while time passes`, async () => {
    const { clock, pass } = make();
    const [monotonicMs, wallMs] = [clock.monotonicMs(), clock.wallMs()];
    await pass(20);
    assert.ok(clock.monotonicMs() - monotonicMs >= 19);
    assert.ok(clock.wallMs() >= wallMs);
  });

  test(`${name}: timers call back in the order of their times, each once`, async () => {
    const { clock, pass } = make();
    const calls: string[] = [];
    clock.after(30, () => calls.push("late"));
    clock.after(1, () => calls.push("early"));
    await pass(60);
    assert.deepEqual(calls, ["early", "late"]);
  });

  test(`${name}: a cancelled timer never calls back, and may be cancelled again`, async () => {
    const { clock, pass } = make();
    const calls: string[] = [];
    const once = clock.after(1, () => calls.push("once"));
    const often = clock.every(1, () => calls.push("often"));
    once.cancel();
    often.cancel();
    often.cancel();
    await pass(20);
    assert.deepEqual(calls, []);
  });

  test(`${name}: a period repeats until it is cancelled, also from inside its own call`, async () => {
    const { clock, pass } = make();
    let calls = 0;
    const timer = clock.every(2, () => {
      calls += 1;
      if (calls === 3) timer.cancel();
    });
    await pass(60);
    assert.equal(calls, 3);
  });
}
