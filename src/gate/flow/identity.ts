// What makes two segments one flow: the same two endpoints and protocol, whichever of them sent.

import type { Segment } from "../../wire/packet/segment.ts";

/** Whether the segment's sender is the flow's "low" endpoint; of each pair of directions exactly one is. */
export function isLow(s: Segment): boolean {
  if (s.source3 !== s.destination3) return s.source3 < s.destination3;
  if (s.version === 6) {
    if (s.source0 !== s.destination0) return s.source0 < s.destination0;
    if (s.source1 !== s.destination1) return s.source1 < s.destination1;
    if (s.source2 !== s.destination2) return s.source2 < s.destination2;
  }
  return s.sourcePort <= s.destinationPort;
}

/** The same for both directions: sums and xors of the two endpoints, then murmur's finaliser. */
export function hashOf(s: Segment, ports: number, kind: number): number {
  let h = Math.imul(s.source3 + s.destination3, 0x9e3779b1) ^ Math.imul(s.source3 ^ s.destination3, 0x85ebca6b);
  if (s.version === 6) {
    h ^= Math.imul(s.source0 ^ s.destination0, 0xc2b2ae35);
    h = Math.imul(h ^ (s.source1 + s.destination1), 0x27d4eb2f);
    h ^= Math.imul(s.source2 ^ s.destination2, 0x165667b1);
  }
  h = Math.imul(h ^ ports, 0xcc9e2d51) ^ kind;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
