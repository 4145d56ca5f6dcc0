// Choices that need no secrecy (which peer, which piece). Seedable, so that a simulation can be replayed.

export interface Random {
  /** A whole number, 0 ≤ n < limit. */
  below(limit: number): number;
}
