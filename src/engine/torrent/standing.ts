// How far a host is trusted with pieces. Before anything went wrong nobody has to be trusted, but nobody gets more than
// one piece before one of its was right; once bytes were bad, who is new gets a few blocks of a piece that others complete,
// and who is trusted parts of few pieces: it may have been honest only to be trusted.

import type { MonotonicMs } from "../../world/clock.ts";
import type { Random } from "../../world/random.ts";
import type { Probation } from "../picker/probation.ts";

/** So many pieces that it had a part in were right. */
const TRUSTED_PIECES = 3;
/** Of a piece, once somebody has lied: if it fails, this much was in vain. */
const TRIAL_SHARE = 0.25;
/** Of all blocks: what all newcomers together get of pieces that others complete. */
const TRIALS_SHARE = 0.1;
/** Of all pieces: what may be lost at once to newcomers that get a whole piece; after the first lie one may be the least. */
const EXPOSED_SHARE = 0.0125;
const EXPOSED_PIECES_MIN = 2;
/** Of a piece, once somebody has lied: so many send it, and a liar among those who are trusted spoils its part. */
const SENDERS = 4;
/** A host may have a part in so many pieces under way: a share of all, no more than it had a part in right ones to these. */
const OPEN_SHARE = 1 / 128;
const OPEN_PIECES_MIN = 2;
const RIGHT_TO_OPEN = 4;
/** Of all blocks, once somebody has lied: what a host owes at once. What a banned one has under way takes others' time. */
const OWED_SHARE = 0.01;
const OWED_BLOCKS_MIN = 2;
/** A newcomer that waits so long for others to complete its piece gets as many blocks again, and then twice as many. */
const WAIT_MS = 2_000;
const WAITS_MAX = 10;
const HOSTS_MAX = 10_000;

export type Asked = {
  /** Hosts that can be asked now. */
  readonly willing: () => Iterable<string>;
  /** Blocks that the host was asked for or has sent, of pieces that are not verified. */
  readonly openBlocks: () => number;
  /** In how many of these pieces it has a part, but for those whose blocks are checked as they arrive. */
  readonly openPieces: () => number;
  readonly partIn: (piece: number) => number;
  /** Whether the host had a part in a bad piece of which it is not known who sent what. */
  readonly isAccused: () => boolean;
  readonly nowMs: MonotonicMs;
};

type Census = { hosts: number; trusted: number; isAnyProven: boolean; newcomers: string[] };

export class Standings {
  readonly #pieces = new Map<string, number>();
  /** Some piece was wrong. */
  hasFailed = false;
  readonly #exposedMax: number;
  readonly #exposedAfterLieMax: number;
  readonly #openMax: number;
  readonly #owedMax: number;
  readonly #trialsMax: number;
  readonly #trialMax: number;
  readonly #random: Random;
  /** While nobody is trusted after a lie: the one newcomer that is tried. */
  #drawn: string | undefined;
  /** Since when a host that gets nothing more waits for a piece of its to be verified. */
  readonly #waiting = new Map<string, MonotonicMs>();

  constructor(size: { readonly pieceCount: number; readonly blocksPerPiece: number }, random: Random) {
    this.#random = random;
    const exposed = Math.floor(size.pieceCount * EXPOSED_SHARE);
    this.#exposedMax = Math.max(EXPOSED_PIECES_MIN, exposed);
    this.#exposedAfterLieMax = Math.max(1, exposed);
    this.#openMax = Math.max(OPEN_PIECES_MIN, Math.floor(size.pieceCount * OPEN_SHARE));
    const blocks = size.pieceCount * size.blocksPerPiece;
    this.#owedMax = Math.max(OWED_BLOCKS_MIN, Math.floor(blocks * OWED_SHARE));
    this.#trialsMax = blocks * TRIALS_SHARE;
    this.#trialMax = Math.ceil(size.blocksPerPiece * TRIAL_SHARE);
  }

  /** How many pieces that the host had a part in were right. */
  of(host: string): number {
    return this.#pieces.get(host) ?? 0;
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
      this.#waiting.delete(host);
    }
  }

  /** A block of the host's was right by itself: it need not be tried by a piece. */
  proved(host: string): void {
    if (this.of(host) === 0) this.verified([host]);
  }

  /** How many blocks the host may owe at once. */
  owedMax(host: string): number {
    return this.hasFailed ? Math.max(this.#owedMax, this.of(host)) : Number.POSITIVE_INFINITY;
  }

  /** How many blocks that are checked as they arrive the host may owe. */
  checkedMax(host: string): number {
    return this.of(host) > 0 ? Number.POSITIVE_INFINITY : this.#trialMax;
  }

  banned(host: string): void {
    this.#pieces.delete(host);
    this.#waiting.delete(host);
  }

  /** Undefined for a host that may be asked for anything. */
  probation(host: string, asked: Asked): Probation | undefined {
    const pieces = this.of(host);
    if (!this.hasFailed) return pieces > 0 ? undefined : { kind: "whole", exposedMax: this.#exposedMax };
    if (asked.isAccused() && this.#waitedMs(host, asked.nowMs) < WAIT_MS) return { kind: "mends" };
    const census = this.#census(asked.willing());
    if (this.isTrusted(host)) {
      const openMax = Math.max(1, Math.min(this.#openMax, Math.floor(pieces / RIGHT_TO_OPEN)));
      const senders = Math.max(1, Math.min(SENDERS, census.trusted));
      return { kind: "part", senders, piecesLeft: openMax - asked.openPieces(), partIn: asked.partIn };
    }
    if (census.trusted > 0 || (census.isAnyProven && pieces === 0)) {
      return {
        kind: "share",
        blocksMax: this.#blocksLeft(host, census.hosts, asked),
        piecesMax: this.#exposedAfterLieMax,
      };
    }
    // Until somebody is trusted, whoever sent something right goes before those who sent nothing.
    const isNext = pieces > 0 || host === this.#draw(census.newcomers);
    return { kind: "whole", exposedMax: isNext ? this.#exposedAfterLieMax : 0 };
  }

  #census(willing: Iterable<string>): Census {
    const census: Census = { hosts: 0, trusted: 0, isAnyProven: false, newcomers: [] };
    for (const host of willing) {
      census.hosts++;
      if (this.isTrusted(host)) census.trusted++;
      if (this.of(host) > 0) census.isAnyProven = true;
      else census.newcomers.push(host);
    }
    return census;
  }

  #waitedMs(host: string, nowMs: MonotonicMs): number {
    const sinceMs = this.#waiting.get(host);
    if (sinceMs === undefined && this.#waiting.size < HOSTS_MAX) this.#waiting.set(host, nowMs);
    return nowMs - (sinceMs ?? nowMs);
  }

  /** Where nobody completes its piece, because who was trusted has left or does not have it, a newcomer does in the end. */
  #blocksLeft(host: string, hosts: number, { openBlocks, nowMs }: Asked): number {
    const blocksMax = Math.max(1, Math.min(this.#trialMax, Math.floor(this.#trialsMax / hosts)));
    const left = blocksMax - openBlocks();
    if (left > 0) return left;
    const waits = Math.floor(this.#waitedMs(host, nowMs) / WAIT_MS);
    return Math.max(0, left + blocksMax * (2 ** Math.min(WAITS_MAX, waits) - 1));
  }

  /** By lot: liars answer first, and whoever goes by the order of answers tries all of them before anybody honest. */
  #draw(newcomers: readonly string[]): string | undefined {
    if (this.#drawn === undefined || !newcomers.includes(this.#drawn)) {
      this.#drawn = newcomers[this.#random.below(newcomers.length)];
    }
    return this.#drawn;
  }
}
