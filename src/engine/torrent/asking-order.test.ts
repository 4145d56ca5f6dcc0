import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../../world/sim/random.ts";
import { AskingOrder } from "./asking-order.ts";

test("H60: who came first is not asked first more often than others", () => {
  const first = new Map<string, number>();
  for (let seed = 0; seed < 300; seed++) {
    const order = new AskingOrder<string>(new SeededRandom(seed));
    for (const peer of ["a", "b", "c"]) order.joined(peer);
    const [peer = "nobody"] = order.turns();
    first.set(peer, (first.get(peer) ?? 0) + 1);
  }
  for (const peer of ["a", "b", "c"])
    equal(Math.abs((first.get(peer) ?? 0) - 100) < 30, true, `${peer}: ${first.get(peer)}`);
});

test("everybody has one turn, and keeps its place; who leaves meanwhile has none", () => {
  const order = new AskingOrder<number>(new SeededRandom(1));
  const all = Array.from({ length: 20 }, (_, n) => n);
  for (const peer of all) order.joined(peer);
  const before = [...order.turns()];
  deepEqual(
    before.toSorted((a, b) => a - b),
    all,
  );
  deepEqual([...order.turns()], before);
  const seen: number[] = [];
  for (const peer of order.turns()) {
    seen.push(peer);
    if (seen.length === 1) order.left(before[1] ?? 0);
  }
  deepEqual(
    seen,
    before.filter((_, n) => n !== 1),
  );
});
