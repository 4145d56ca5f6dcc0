// What the gate does to everybody else: nothing. And to itself under a flood: it stays as large as it may be.

import assert from "node:assert/strict";
import { test } from "node:test";
import { missing } from "../lab/requirements.ts";
import { crowd, residentBytes, startCrowdServer } from "./crowd.ts";
import { handshakePasses, startEcho } from "./echo.ts";
import { Yard } from "./yard.ts";

const skip = missing("ip", "nft", "tcpdump");
// The whole figures, 10⁵ and 10⁶, are in bench/gate/crowd.ts.
const CONNECTIONS = 1500;
const EXCHANGES = 1500;
const PACKETS_OF_A_CALL = 500;
const FLOOD_FLOWS = 100_000;
const RESIDENT_BYTES_MAX = 400 * 1024 * 1024;

test("ordinary connections, exchanges and a call are untouched while a neighbour is refused", { skip }, async () => {
  using yard = new Yard();
  const [host, talker, neighbour] = [yard.client(), yard.client(), yard.client()];
  using _server = await startCrowdServer(yard.outside);
  using _echo = await startEcho(yard.outside);
  using gate = await yard.gate("--mode", "enforce", "--confirm-within", "0");
  const ordinary = Promise.all([
    crowd(host, yard.outside, "tcp", CONNECTIONS),
    crowd(host, yard.outside, "udp", EXCHANGES),
    crowd(talker, yard.outside, "video", PACKETS_OF_A_CALL),
  ]);
  assert.equal(handshakePasses(neighbour, yard.outside.address), false);
  const done = (await ordinary).map((result) => result.done);
  assert.deepEqual(done, [CONNECTIONS, EXCHANGES, PACKETS_OF_A_CALL]);
  assert.doesNotMatch(gate.stdout, new RegExp(`"src":"(${host.address}|${talker.address})"`));
});

test(`H179: a flood of ${FLOOD_FLOWS} flows leaves the gate bounded, and refusing`, { skip }, async () => {
  using yard = new Yard();
  const [flooder, neighbour] = [yard.client(), yard.client()];
  using _echo = await startEcho(yard.outside);
  using gate = await yard.gate("--mode", "enforce", "--confirm-within", "0");
  const flood = crowd(flooder, yard.outside, "flood", FLOOD_FLOWS);
  assert.equal(handshakePasses(neighbour, yard.outside.address), false);
  assert.equal((await flood).done >= FLOOD_FLOWS, true);
  assert.ok(residentBytes(gate) < RESIDENT_BYTES_MAX, `${residentBytes(gate)} bytes`);
  assert.equal(handshakePasses(neighbour, yard.outside.address), false);
});
