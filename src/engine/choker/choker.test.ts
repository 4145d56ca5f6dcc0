import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../../world/sim/random.ts";
import { CHOKER_START, type ChokerPeer, type ChokerPolicy, chooseServed } from "./choker.ts";

function peer(id: number, change: Partial<ChokerPeer> = {}): ChokerPeer {
  return {
    id,
    wantsUs: true,
    rateDown: 0,
    rateUp: 0,
    isServed: false,
    servedForMs: 0,
    snubbed: false,
    piecesLacking: 0,
    ...change,
  };
}

const policy = (mode: ChokerPolicy["mode"], slots = 4): ChokerPolicy => ({ slots, mode });
const random = new SeededRandom(1);

test("while there is room everybody who wants something is served, and nobody else", () => {
  const { served } = chooseServed(
    CHOKER_START,
    [peer(1), peer(2, { wantsUs: false }), peer(3)],
    policy("leeching"),
    0,
    random,
  );
  deepEqual([...served], [1, 3]);
});

test("a leecher serves those who give most, and one more by chance", () => {
  const peers = Array.from({ length: 10 }, (_, n) => peer(n, { rateDown: n * 100 }));
  const { served } = chooseServed(CHOKER_START, peers, policy("leeching"), 0, random);
  equal(served.size, 4);
  for (const id of [9, 8, 7]) truthy(served.has(id));
});

test("the one served by chance stays for thirty seconds, then another one has its turn", () => {
  const peers = Array.from({ length: 10 }, (_, n) => peer(n, { rateDown: n * 100 }));
  const first = chooseServed(CHOKER_START, peers, policy("leeching"), 0, random);
  const second = chooseServed(first.state, peers, policy("leeching"), 20_000, random);
  equal(second.state.optimistic, first.state.optimistic);
  const third = chooseServed(second.state, peers, policy("leeching"), 31_000, random);
  truthy(third.state.optimistic !== first.state.optimistic);
  equal(third.served.size, 4);
});

test("a peer that owes and does not pay comes last, however fast it was", () => {
  const peers = Array.from({ length: 6 }, (_, n) => peer(n, { rateDown: 100, snubbed: n === 0 }));
  const regular = chooseServed(
    CHOKER_START,
    [peer(0, { rateDown: 9999, snubbed: true }), ...peers.slice(1)],
    policy("leeching"),
    0,
    random,
  );
  truthy(!regular.served.has(0) || regular.state.optimistic === 0);
});

test("a seed lets each peer finish its minute, then serves those who wait", () => {
  const peers = [
    peer(1, { isServed: true, servedForMs: 10_000, rateUp: 5 }),
    peer(2, { isServed: true, servedForMs: 61_000, rateUp: 900 }),
    peer(3),
    peer(4),
  ];
  const { served } = chooseServed(CHOKER_START, peers, policy("seeding", 3), 0, random);
  truthy(served.has(1) && served.has(3));
});

test("members of a closed swarm serve whoever lacks most", () => {
  const peers = Array.from({ length: 8 }, (_, n) => peer(n, { piecesLacking: n, rateDown: 1000 - n }));
  const { served } = chooseServed(CHOKER_START, peers, policy("cooperative"), 0, random);
  for (const id of [7, 6, 5]) truthy(served.has(id));
});

test("the same peers, state and seed give the same choice", () => {
  const peers = Array.from({ length: 20 }, (_, n) => peer(n, { rateDown: (n * 37) % 11 }));
  const choose = () => [...chooseServed(CHOKER_START, peers, policy("leeching"), 5, new SeededRandom(42)).served];
  deepEqual(choose(), choose());
});
