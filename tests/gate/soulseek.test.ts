// Goal 5: Soulseek from the protocol's own messages, with users, versions, tokens and ports of every size, plain and under
// the rotating key, whole and cut into segments. Layouts: https://nicotine-plus.org/doc/SLSKPROTOCOL.html.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { SeededRandom } from "../../src/world/sim/random.ts";
import type { Said } from "./conversation.ts";
import { bytesOf, joined } from "./frames.ts";
import { between, FlowFeeder, integer, oneOf, randomBytes } from "./generated-flows.ts";

const SEED = 20_261_128;
const FLOWS = 400;
const NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-.[]";

const word = (value: number): Uint8Array => integer(value, 4, "little");
const text = (value: string): Uint8Array => joined(word(value.length), bytesOf(value));
const message = (...parts: readonly Uint8Array[]): Uint8Array => {
  const body = joined(...parts);
  return joined(word(body.length), body);
};

function name(random: SeededRandom): string {
  const count = between(random, 1, 30);
  return Array.from({ length: count }, () => NAME_CHARACTERS[random.below(NAME_CHARACTERS.length)]).join("");
}

const token = (random: SeededRandom): Uint8Array =>
  oneOf(random, word(1 + random.below(1000)), word(1 + random.below(0xffff_fffe)));

function login(random: SeededRandom): Uint8Array {
  const [user, password] = [name(random), name(random)];
  const digest = createHash("md5")
    .update(user + password)
    .digest("hex");
  const [version, minor] = oneOf(random, [160, 1] as const, [160, 3] as const, [157, 19] as const, [183, 5] as const);
  const whole = message(word(1), text(user), text(password), word(version), text(digest), word(minor));
  const port = message(word(2), word(between(random, 1024, 65_535)));
  const obfuscated = message(word(2), word(2234), word(1), word(between(random, 1024, 65_535)));
  return joined(whole, oneOf(random, new Uint8Array(0), port, obfuscated));
}

function init(random: SeededRandom, kind: string): Uint8Array {
  return message(Uint8Array.of(1), text(name(random)), text(kind), oneOf(random, word(0), token(random)));
}

const pierce = (random: SeededRandom): Uint8Array => message(Uint8Array.of(0), token(random));

const search = (random: SeededRandom): Uint8Array =>
  message(Uint8Array.of(3), word(0x31), text(name(random)), token(random), text(name(random)));

// The key is rotated left by one more bit for each word of the message.
function obfuscated(random: SeededRandom, clear: Uint8Array): Uint8Array {
  const keyBytes = randomBytes(random, 4);
  let key = new DataView(keyBytes.buffer, keyBytes.byteOffset).getUint32(0, true);
  const hidden = clear.map((byte, at) => {
    if (at % 4 === 0) key = ((key << 1) | (key >>> 31)) >>> 0;
    return byte ^ ((key >>> ((at % 4) * 8)) & 0xff);
  });
  return joined(keyBytes, hidden);
}

function inSegments(random: SeededRandom, by: 0 | 1, bytes: Uint8Array): Said[] {
  // Nobody follows an undecided flow for more than 64 packets.
  const least = Math.ceil(bytes.length / 60);
  const step = oneOf(random, bytes.length, bytes.length, least, between(random, least, bytes.length));
  const said: Said[] = [];
  for (let at = 0; at < bytes.length; at += step) said.push({ by, bytes: bytes.subarray(at, at + step) });
  return said;
}

type Opening = (random: SeededRandom) => Uint8Array;

const OPENINGS: Readonly<Record<string, readonly [RegExp, Opening]>> = {
  "a login": [/^slsk\.login$/, login],
  "a peer's introduction": [/^slsk\.peer_init$/, (random) => init(random, "P")],
  "a peer's introduction and its first message": [
    /^slsk\.peer_init$/,
    (random) => joined(init(random, "P"), message(word(4))),
  ],
  "a file connection": [/^slsk\.peer_init$/, (random) => joined(init(random, "F"), randomBytes(random, 4))],
  "a distributed connection": [/^slsk\.peer_init$/, (random) => init(random, "D")],
  "a pierced firewall": [/^slsk\.pierce(_alone)?$/, pierce],
  "a pierced firewall and a file's number": [
    /^slsk\.pierce(_alone)?$/,
    (random) => joined(pierce(random), randomBytes(random, 4)),
  ],
  "an obfuscated introduction": [
    /^slsk\.obfuscated_init$/,
    (random) => obfuscated(random, init(random, oneOf(random, "P", "F", "D"))),
  ],
  "an obfuscated pierce": [/^slsk\.obfuscated_pierce$/, (random) => obfuscated(random, pierce(random))],
  "an obfuscated pierce and what follows in clear": [
    /^slsk\.obfuscated_pierce$/,
    (random) => joined(obfuscated(random, pierce(random)), randomBytes(random, 12)),
  ],
};

for (const [what, [code, opening]] of Object.entries(OPENINGS)) {
  test(`goal 5: Soulseek is known by ${what}, from any user, in any segments`, () => {
    const random = new SeededRandom(SEED);
    const feeder = new FlowFeeder();
    for (let flow = 0; flow < FLOWS; flow += 1) {
      const said = [...inSegments(random, 0, opening(random)), { by: 1 as const, bytes: randomBytes(random, 40) }];
      assert.match(feeder.judge({ over: "tcp", said }), code, `seed ${SEED}, flow ${flow}`);
    }
  });
}

test("goal 5: Soulseek's distributed searches are known in a connection whose beginning was a pierce of the other side", () => {
  const random = new SeededRandom(SEED);
  const feeder = new FlowFeeder();
  for (let flow = 0; flow < FLOWS; flow += 1) {
    const said = Array.from({ length: 3 }, () => ({ by: 1 as const, bytes: search(random) }));
    assert.equal(feeder.judge({ over: "tcp", said }), "slsk.distributed", `seed ${SEED}, flow ${flow}`);
  }
});
