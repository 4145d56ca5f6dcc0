// Knowledge of hosts: a Kad node that told its id in clear cannot be sent an obfuscated datagram unnoticed afterwards, and
// whoever merely speaks with it is judged by his own bytes.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Rc4 } from "../../src/wire/mse/rc4.ts";
import { LINK } from "../../src/wire/pcap/link.ts";
import { linesOf } from "./conversation.ts";
import { bytesOf, type Ends, ipv4, joined, udp } from "./frames.ts";

const NODE = ["93.184.10.22", 4672] as const;
const ID = createHash("md5").update("node").digest();
const KNOWN: Ends = { source: NODE, destination: ["93.184.10.11", 4672] };
const SECRET: Ends = { source: ["93.184.10.33", 5000], destination: NODE };

const packet = (ends: Ends, payload: Uint8Array): Uint8Array => ipv4(ends, 17, udp(ends, payload));
/** Code, id, port, version 9, no tags. */
const HELLO = joined(Uint8Array.of(0xe4, 0x11), ID, Uint8Array.of(0x36, 0x12, 9, 0));
/** The answer to a search: one contact, which is the node. */
const CONTACT = joined(
  Uint8Array.of(0xe4, 0x29),
  new Uint8Array(16).fill(5),
  Uint8Array.of(1),
  ID,
  Uint8Array.of(22, 10, 184, 93, 0x40, 0x12, 0x36, 0x12, 9),
);

function obfuscated(id: Uint8Array, message: Uint8Array): Uint8Array {
  const key = createHash("md5").update(id).update(Uint8Array.of(7, 8)).digest();
  const inner = joined(Uint8Array.of(0xc1, 0x2e, 0x5f, 0x39, 0), bytesOf("verify12"), message);
  new Rc4(key).apply(inner);
  return joined(Uint8Array.of(0x14, 7, 8), inner);
}

function secretCode(before: readonly Uint8Array[], datagram: Uint8Array): string | undefined {
  const lines = linesOf([...before, packet(SECRET, datagram)], LINK.raw);
  return lines.find(({ srcPort }) => srcPort === 5000)?.why.code;
}

const PING = Uint8Array.of(0xe4, 0x60);

test("one obfuscated datagram is enough once its receiver has said its id in clear", () => {
  assert.equal(secretCode([packet(KNOWN, HELLO)], obfuscated(ID, PING)), "kad.deciphered");
});

test("an id that another node told of is as good", () => {
  const teller: Ends = { source: ["93.184.10.44", 4672], destination: ["93.184.10.11", 4672] };
  assert.equal(secretCode([packet(teller, CONTACT)], obfuscated(ID, PING)), "kad.deciphered");
});

test("without that knowledge one datagram says nothing", () => {
  assert.equal(secretCode([], obfuscated(ID, PING)), "flow.undecided");
});

test("what a known node is sent, but cannot decipher, is not Kad's for its address", () => {
  const other = createHash("md5").update("another node").digest();
  assert.equal(secretCode([packet(KNOWN, HELLO)], obfuscated(other, PING)), "flow.undecided");
});
