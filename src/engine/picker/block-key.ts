// A block as one number: cheaper than an object where there are millions.

export type BlockKey = number;
export const BLOCKS_PER_PIECE_MAX = 1 << 20;

export function blockKey(piece: number, block: number): BlockKey {
  return piece * BLOCKS_PER_PIECE_MAX + block;
}

export function pieceOfKey(key: BlockKey): number {
  return Math.floor(key / BLOCKS_PER_PIECE_MAX);
}

export function blockOfKey(key: BlockKey): number {
  return key % BLOCKS_PER_PIECE_MAX;
}
