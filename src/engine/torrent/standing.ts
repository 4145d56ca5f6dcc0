// How far a host is trusted with pieces. Nobody has to be trusted before something went wrong, but nobody gets more than
// one piece before one of its was right; once bytes were bad, who is new gets a part of a piece that others complete.

import type { Random } from "../../world/random.ts";
import type { Probation } from "../picker/probation.ts";

/** So many pieces that it had a part in were right. */
const TRUSTED_PIECES = 3;
/** So many right pieces a wrong one weighs, until it is known who sent what of it. */
const DOUBT_PIECES = 2;
/** Of a piece, once somebody has lied: if it fails, this much was in vain. */
const TRIAL_SHARE = 0.25;
/** Of all pieces: what may be lost to newcomers at once. */
const EXPOSED_SHARE = 0.025;
const EXPOSED_PIECES_MIN = 2;
const HOSTS_MAX = 10_000;

export class Standings {
  readonly #pieces = new Map<string, number>();
  readonly #exposedMax: number;
  readonly #random: Random;
  #hasFailed = false;
  /** While nobody is trusted after a lie: the one newcomer that is tried. */
  #drawn: string | undefined;
  /** How many wrong pieces a host had a part in, less the right ones after them. */
  readonly #doubts = new Map<string, number>();

  constructor(pieceCount: number, random: Random) {
    this.#random = random;
    this.#exposedMax = Math.max(EXPOSED_PIECES_MIN, Math.floor(pieceCount * EXPOSED_SHARE));
  }

  /** How many pieces that the host had a part in were right, less what wrong ones cost it. */
  of(host: string): number {
    return (this.#pieces.get(host) ?? 0) - DOUBT_PIECES * (this.#doubts.get(host) ?? 0);
  }

  isTrusted(host: string): boolean {
    return this.of(host) >= TRUSTED_PIECES;
  }

  /** A piece was right. The host that was met first is forgotten when there are too many: it may prove itself again. */
  verified(hosts: Iterable<string>): void {
    for (const host of new Set(hosts)) {
      const [oldest] = this.#pieces.keys();
      if (this.#pieces.size >= HOSTS_MAX && oldest !== undefined) this.#pieces.delete(oldest);
      this.#pieces.set(host, (this.#pieces.get(host) ?? 0) + 1);
      const doubts = this.#doubts.get(host) ?? 0;
      if (doubts > 1) this.#doubts.set(host, doubts - 1);
      else this.#doubts.delete(host);
    }
  }

  /** A piece was wrong, and any of its senders may be the one: who is in many of them is suspected first. */
  failed(hosts: Iterable<string>): void {
    this.#hasFailed = true;
    for (const host of new Set(hosts)) {
      if (this.#doubts.has(host) || this.#doubts.size < HOSTS_MAX) {
        this.#doubts.set(host, (this.#doubts.get(host) ?? 0) + 1);
      }
    }
  }

  banned(host: string): void {
    this.#pieces.delete(host);
    this.#doubts.delete(host);
  }

  /** Undefined for a host that may be asked for anything. `others` are those that can be asked now. */
  probation(host: string, others: () => Iterable<string>): Probation | undefined {
    const pieces = this.of(host);
    if (!this.#hasFailed) return pieces > 0 ? undefined : { share: 1, exposedMax: this.#exposedMax };
    if (pieces >= TRUSTED_PIECES) return undefined;
    let best = 0;
    const newcomers: string[] = [];
    for (const other of others()) {
      best = Math.max(best, this.of(other));
      if (this.of(other) <= 0) newcomers.push(other);
    }
    if (best >= TRUSTED_PIECES) return { share: TRIAL_SHARE, exposedMax: Number.POSITIVE_INFINITY };
    // Until somebody is trusted, whoever sent something right goes before those who sent nothing.
    if (pieces > 0) return { share: 1, exposedMax: this.#exposedMax };
    return { share: 1, exposedMax: best <= 0 && host === this.#draw(newcomers) ? this.#exposedMax : 0 };
  }

  /** By lot: liars answer first, and whoever goes by the order of answers tries all of them before anybody honest. */
  #draw(newcomers: readonly string[]): string | undefined {
    if (this.#drawn === undefined || !newcomers.includes(this.#drawn)) {
      this.#drawn = newcomers[this.#random.below(newcomers.length)];
    }
    return this.#drawn;
  }
}
