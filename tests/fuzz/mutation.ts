// Changes of an input that break decoders: flipped bits, extreme numbers, pieces cut, repeated and joined.

import type { SeededRandom } from "../../src/world/sim/random.ts";

const INPUT_BYTES_MAX = 4096;

const EXTREMES: readonly Uint8Array[] = [
  [0],
  [0xff],
  [0x7f],
  [0x80],
  [0, 0],
  [0xff, 0xff],
  [0, 0, 0, 0],
  [0xff, 0xff, 0xff, 0xff],
  [0x7f, 0xff, 0xff, 0xff],
  [0x80, 0, 0, 0],
].map((bytes) => Uint8Array.from(bytes));
const TOKENS: readonly Uint8Array[] = [
  "d",
  "l",
  "e",
  "i0e",
  "i-1e",
  "0:",
  "1:a",
  "99999999:",
  "i9223372036854775807e",
  "\r\n",
  ":",
].map((text) => new TextEncoder().encode(text));

type Change = (input: Uint8Array, random: SeededRandom, other: Uint8Array) => Uint8Array;

const CHANGES: readonly Change[] = [
  (input, random) => overwrite(input, random.below(input.length), Uint8Array.of(random.below(256))),
  (input, random) => {
    const at = random.below(input.length);
    return overwrite(input, at, Uint8Array.of((input[at] ?? 0) ^ (1 << random.below(8))));
  },
  (input, random) => overwrite(input, random.below(input.length), pick(EXTREMES, random)),
  (input, random) => insert(input, random.below(input.length + 1), pick(EXTREMES, random)),
  (input, random) => insert(input, random.below(input.length + 1), pick(TOKENS, random)),
  (input, random) => input.slice(0, random.below(input.length + 1)),
  (input, random) => input.slice(random.below(input.length + 1)),
  (input, random) => {
    const at = random.below(input.length + 1);
    return joined(input.slice(0, at), input.slice(at + 1 + random.below(16)));
  },
  (input, random) => {
    const at = random.below(input.length + 1);
    return insert(input, random.below(input.length + 1), input.slice(at, at + 1 + random.below(64)));
  },
  (input, random, other) =>
    joined(input.slice(0, random.below(input.length + 1)), other.slice(random.below(other.length + 1))),
];

export function mutated(input: Uint8Array, other: Uint8Array, random: SeededRandom): Uint8Array {
  let result = input;
  for (let left = 1 + random.below(4); left > 0; left--) result = pick(CHANGES, random)(result, random, other);
  return result.slice(0, INPUT_BYTES_MAX);
}

function pick<T>(choices: readonly T[], random: SeededRandom): T {
  return choices[random.below(choices.length)] as T;
}

function overwrite(input: Uint8Array, at: number, bytes: Uint8Array): Uint8Array {
  const result = input.slice();
  result.set(bytes.subarray(0, Math.max(0, input.length - at)), Math.min(at, input.length));
  return result;
}

function insert(input: Uint8Array, at: number, bytes: Uint8Array): Uint8Array {
  return joined(input.slice(0, at), bytes, input.slice(at));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
