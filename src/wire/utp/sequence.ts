// Sequence numbers of uTP: sixteen bits that wrap, so that "later" only means "less than half the circle ahead".

export function nextSequence(sequence: number, steps = 1): number {
  return (sequence + steps) & 0xffff;
}

export function previousSequence(sequence: number): number {
  return (sequence - 1) & 0xffff;
}

/** How far `to` lies after `from`, −32768 … 32767; negative when it lies before. */
export function sequenceDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}
