// How far a host is trusted with pieces. Nobody has to be trusted before something went wrong, but nobody gets more than
// one piece before one of its was right; once bytes were bad, who is new gets a part of a piece that others complete.

import type { Probation } from "../picker/probation.ts";

/** So many pieces that it had a part in were right. */
const TRUSTED_PIECES = 3;
/** Of a piece, once somebody has lied: if it fails, this much was in vain. */
const TRIAL_SHARE = 0.25;
/** Of all pieces: what may be lost to newcomers at once. */
const EXPOSED_SHARE = 0.04;
const EXPOSED_PIECES_MIN = 2;
const HOSTS_MAX = 10_000;

export class Standings {
  readonly #pieces = new Map<string, number>();
  readonly #exposedMax: number;
  #hasFailed = false;

  constructor(pieceCount: number) {
    this.#exposedMax = Math.max(EXPOSED_PIECES_MIN, Math.floor(pieceCount * EXPOSED_SHARE));
  }

  /** How many pieces that the host had a part in were right. */
  of(host: string): number {
    return this.#pieces.get(host) ?? 0;
  }

  /** A piece was right. The host that was met first is forgotten when there are too many: it may prove itself again. */
  verified(hosts: Iterable<string>): void {
    for (const host of new Set(hosts)) {
      const [oldest] = this.#pieces.keys();
      if (this.#pieces.size >= HOSTS_MAX && oldest !== undefined) this.#pieces.delete(oldest);
      this.#pieces.set(host, this.of(host) + 1);
    }
  }

  failed(): void {
    this.#hasFailed = true;
  }

  banned(host: string): void {
    this.#pieces.delete(host);
  }

  /** Undefined for a host that may be asked for anything. `others` are those that can be asked now. */
  probation(host: string, others: () => Iterable<string>): Probation | undefined {
    const pieces = this.of(host);
    if (!this.#hasFailed) return pieces > 0 ? undefined : { share: 1, exposedMax: this.#exposedMax };
    if (pieces >= TRUSTED_PIECES) return undefined;
    let best = 0;
    for (const other of others()) best = Math.max(best, this.of(other));
    if (best >= TRUSTED_PIECES) return { share: TRIAL_SHARE, exposedMax: Number.POSITIVE_INFINITY };
    // Until somebody is trusted, whoever sent something right goes before those who sent nothing.
    return { share: 1, exposedMax: pieces === 0 && best > 0 ? 0 : this.#exposedMax };
  }
}
