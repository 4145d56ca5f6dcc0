// Length prefixes: ciphertext that is framed announces its length in clear, and MSE announces nothing. So a prefix that
// fits, at any usual place and width, says that a flow is some other encrypted protocol.

const PREFIX_OFFSET_MAX = 8;
const WIDTHS = [2, 3, 4] as const;
const FRAMES_MAX = 64;

/** `sure`: at the very beginning, which chance does once in ten thousand; `maybe`: a few bytes later, once in a thousand. */
export type Framing = "sure" | "maybe" | "none";

/** Whether a length field near the beginning of a message tells the message's own length. */
export function framingOf(bytes: Uint8Array, begin: number, end: number): Framing {
  if (announcesAt(bytes, begin, end, 0) || isChain(bytes, begin, end)) return "sure";
  for (let offset = 1; offset <= PREFIX_OFFSET_MAX; offset += 1) {
    if (announcesAt(bytes, begin, end, offset)) return "maybe";
  }
  return "none";
}

function announcesAt(bytes: Uint8Array, begin: number, end: number, offset: number): boolean {
  const total = end - begin;
  for (const width of WIDTHS) {
    if (offset + width >= total) continue;
    const rest = total - offset - width;
    const value = big(bytes, begin + offset, width);
    const swapped = little(bytes, begin + offset, width);
    if (value === rest || value === total || value === total - offset) return true;
    if (swapped === rest || swapped === total || swapped === total - offset) return true;
  }
  return false;
}

// Several frames in one segment: each prefix leads to the next, and the last one ends where the segment does.
function isChain(bytes: Uint8Array, begin: number, end: number): boolean {
  for (const width of WIDTHS) {
    for (const read of [big, little]) {
      if (chainEnds(bytes, begin, end, width, read, 0)) return true;
      if (chainEnds(bytes, begin, end, width, read, width)) return true;
    }
  }
  return false;
}

type Read = (bytes: Uint8Array, at: number, width: number) => number;

function chainEnds(b: Uint8Array, begin: number, end: number, width: number, read: Read, included: number): boolean {
  let at = begin;
  for (let frames = 0; frames < FRAMES_MAX && at + width <= end; frames += 1) {
    const bodyBytes = read(b, at, width) - included;
    if (bodyBytes <= 0) return false;
    at += width + bodyBytes;
    if (at === end) return true;
  }
  return false;
}

function big(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width; i += 1) value = value * 256 + (bytes[at + i] as number);
  return value;
}

function little(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i -= 1) value = value * 256 + (bytes[at + i] as number);
  return value;
}
