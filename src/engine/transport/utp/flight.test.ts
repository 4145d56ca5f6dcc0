import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../../base/assert.ts";
import { Flight } from "./flight.ts";

const PACKET_BYTES = 1000;
const ROUND_TRIP_MS = 50;
/** Across the end of the sequence numbers. */
const FIRST = 65_533;

/** Sends packets 0 to count − 1, one a millisecond. */
function flightOf(count: number): Flight {
  const flight = new Flight(FIRST);
  for (let n = 0; n < count; n++) flight.sent(flight.add(Buffer.alloc(PACKET_BYTES)), n);
  return flight;
}

/** The peer has everything before packet `missing` and those of `early`. */
function answer(flight: Flight, missing: number, early: readonly number[], nowMs = 100) {
  const selectiveAck = new Uint8Array(8);
  for (const n of early) {
    const bit = n - missing - 1;
    selectiveAck[bit >> 3] = (selectiveAck[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  const acknowledged = (FIRST + missing - 1) & 0xffff;
  return flight.arrived({ acknowledged, selectiveAck }, nowMs, ROUND_TRIP_MS);
}

function lostOf(flight: Flight): number | undefined {
  const lost = flight.firstLost();
  return lost && (lost.sequence - FIRST) & 0xffff;
}

test("what arrived early leaves the network, is counted once, and is not sent again", () => {
  const flight = flightOf(6);
  assert.equal(answer(flight, 1, [2, 4])?.bytes, 3 * PACKET_BYTES);
  assert.equal(flight.flyingBytes, 3 * PACKET_BYTES);
  assert.equal(answer(flight, 1, [2, 4])?.bytes, 0);
  assert.equal(answer(flight, 6, [])?.bytes, 3 * PACKET_BYTES);
  assert.equal(flight.count, 0);
  assert.equal(flight.flyingBytes, 0);
});

test("a packet is lost when three that were sent later have arrived, not before", () => {
  const flight = flightOf(6);
  answer(flight, 1, [2, 3]);
  assert.equal(flight.findLosses().packets, 0);
  answer(flight, 1, [2, 3, 4]);
  assert.equal(flight.findLosses().packets, 1);
  assert.equal(lostOf(flight), 1);
});

test("only the missing ones are sent again, in their order", () => {
  const flight = flightOf(12);
  answer(flight, 1, [2, 4, 5, 7, 8, 9, 10, 11]);
  assert.equal(flight.findLosses().packets, 3);
  const again: (number | undefined)[] = [];
  for (let lost = flight.firstLost(); lost !== undefined; lost = flight.firstLost()) {
    again.push(lostOf(flight));
    flight.sent(lost, 120);
  }
  assert.deepEqual(again, [1, 3, 6]);
});

test("the loss of a repetition is seen by what was sent after it, without a timeout", () => {
  const flight = flightOf(5);
  answer(flight, 1, [2, 3, 4]);
  flight.findLosses();
  flight.sent(present(flight.firstLost(), "a loss"), 101);
  for (let n = 5; n < 9; n++) flight.sent(flight.add(Buffer.alloc(PACKET_BYTES)), 100 + n);
  answer(flight, 1, [2, 3, 4, 5, 6], 170);
  assert.equal(flight.findLosses().packets, 0);
  answer(flight, 1, [2, 3, 4, 5, 6, 7], 171);
  assert.equal(flight.findLosses().packets, 1);
  assert.equal(lostOf(flight), 1);
});

test("bits for packets that were never sent, and acknowledgements of them, change nothing", () => {
  const flight = flightOf(3);
  assert.equal(answer(flight, 1, [2, 9, 40])?.bytes, 2 * PACKET_BYTES);
  assert.equal(answer(flight, 5, []), undefined);
  assert.equal(flight.count, 2);
});

test("a repeated packet gives no round trip, a fresh one does", () => {
  const flight = flightOf(5);
  answer(flight, 1, [2, 3, 4]);
  flight.findLosses();
  flight.sent(present(flight.firstLost(), "a loss"), 101);
  assert.equal(answer(flight, 5, [], 180)?.rttMs, undefined);
  flight.sent(flight.add(Buffer.alloc(PACKET_BYTES)), 200);
  assert.equal(answer(flight, 6, [], 230)?.rttMs, 30);
});
