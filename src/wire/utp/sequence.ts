// Sequence numbers of uTP: sixteen bits that wrap, so that "later" only means "less than half the circle ahead".

export const SEQUENCE_COUNT = 0x1_0000;

export function nextSequence(sequence: number, step = 1): number {
  return (sequence + step) & 0xffff;
}

/** How far `to` lies after `from`, −32768 … 32767; negative when it lies before. */
export function sequenceDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}
