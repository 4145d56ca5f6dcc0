// Matching of fixed texts at the head of a stream or datagram, however the stream was cut.

import type { Side, Talk } from "../flow/talk.ts";

export type Match = "yes" | "part" | "no";

/** A text of single-byte characters, as the bytes to compare. */
export function pattern(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Whether a direction's first bytes begin with the pattern, or may still become it. */
export function headMatches(talk: Talk, side: Side, wanted: Uint8Array, at = 0): Match {
  const count = Math.min(talk.headBytes(side) - at, wanted.length);
  for (let i = 0; i < count; i += 1) if (talk.head(side, at + i) !== wanted[i]) return "no";
  return count === wanted.length ? "yes" : talk.broken(side) ? "no" : "part";
}

/** Whether the present chunk begins with the pattern. */
export function chunkMatches(talk: Talk, wanted: Uint8Array, at = 0): boolean {
  if (talk.begin + at + wanted.length > talk.end) return false;
  for (let i = 0; i < wanted.length; i += 1) if (talk.bytes[talk.begin + at + i] !== wanted[i]) return false;
  return true;
}

export function little32(talk: Talk, at: number): number {
  const b = talk.bytes;
  const from = talk.begin + at;
  return (
    ((b[from] as number) |
      ((b[from + 1] as number) << 8) |
      ((b[from + 2] as number) << 16) |
      ((b[from + 3] as number) << 24)) >>>
    0
  );
}

export function big32(talk: Talk, at: number): number {
  const b = talk.bytes;
  const from = talk.begin + at;
  return (
    (((b[from] as number) << 24) |
      ((b[from + 1] as number) << 16) |
      ((b[from + 2] as number) << 8) |
      (b[from + 3] as number)) >>>
    0
  );
}

export function byteAt(talk: Talk, at: number): number {
  return talk.bytes[talk.begin + at] as number;
}

export function headLittle32(talk: Talk, side: Side, at: number): number {
  return (
    (talk.head(side, at) |
      (talk.head(side, at + 1) << 8) |
      (talk.head(side, at + 2) << 16) |
      (talk.head(side, at + 3) << 24)) >>>
    0
  );
}
