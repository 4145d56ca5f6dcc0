import { equal, notEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { PieceMemory } from "./piece-memory.ts";

function taken(memory: PieceMemory, sizeBytes: number) {
  const slot = memory.take(sizeBytes);
  ok(slot, "there is room");
  return slot;
}

test("what was given last is drawn first, by whoever first touches a slot", () => {
  const memory = new PieceMemory(4096);
  const [first, second] = [taken(memory, 1024), taken(memory, 1024)];
  const [cold, hot] = [first.memory, second.memory];
  notEqual(cold, hot);
  memory.give(first);
  memory.give(second);
  const [early, late] = [taken(memory, 1024), taken(memory, 1024)];
  equal(late.memory, hot, "taken later, touched first");
  equal(early.memory, cold);
  equal(late.bytes.buffer, hot);
});

test("a slot counts from the beginning, and costs nothing until it is touched", () => {
  const memory = new PieceMemory(2048);
  const slots = [taken(memory, 1024), taken(memory, 1024)];
  equal(memory.bytesTaken, 2048);
  equal(memory.take(1024), undefined);
  for (const slot of slots) {
    equal(slot.place, undefined);
    memory.give(slot);
  }
  equal(memory.bytesTaken, 0);
});

test("free memory of another size is let go of before all adds up to more than the bound", () => {
  const memory = new PieceMemory(2048);
  const small = [taken(memory, 1024), taken(memory, 1024)];
  const places = new Set(small.map((slot) => slot.memory));
  for (const slot of small) memory.give(slot);
  const large = taken(memory, 1536);
  equal(large.memory.byteLength, 1536);
  memory.give(large);
  ok(!places.has(taken(memory, 1024).memory), "both were let go of");
});
