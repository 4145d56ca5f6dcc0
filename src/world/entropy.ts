// Unpredictable bytes, for keys, tokens and nonces: never from a seedable generator.

export interface Entropy {
  bytes(count: number): Uint8Array;
}
