// What peers are told of our pieces: all of them at once, or, while super seeding, a few to each.

import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import { tellLost } from "../peer/dont-have.ts";
import type { PeerSession } from "../peer/session-host.ts";
import type { Bitfield } from "../picker/bitfield.ts";
import type { Content } from "./content.ts";
import { Spreading } from "./spreading.ts";

export type TellingOptions = {
  readonly content: Content;
  /** Spread what only we have (BEP 16); takes effect only for a seed. */
  readonly superSeed: boolean;
  readonly sessions: () => Iterable<PeerSession>;
};

export class Telling {
  readonly #options: TellingOptions;
  #spreading: Spreading | undefined;

  constructor(options: TellingOptions) {
    const { content, superSeed } = options;
    this.#options = options;
    const { pieceCount, pieceLengthBytes } = content.layout;
    if (superSeed && content.have.isFull) this.#spreading = new Spreading(pieceCount, pieceLengthBytes);
  }

  /** Whether peers are shown some of our pieces only. */
  get isSpreading(): boolean {
    return this.#spreading !== undefined;
  }

  introduce(session: PeerSession, nowMs: MonotonicMs): void {
    const { have } = this.#options.content;
    const shows = this.#spreading === undefined;
    if (shows && have.isFull && session.fast) session.out.message({ type: "haveAll" });
    else if (shows && have.count > 0) session.out.message({ type: "bitfield", bits: Uint8Array.from(have.bytes) });
    else if (session.fast) session.out.message({ type: "haveNone" });
    this.tick(nowMs);
  }

  /** A piece of ours was verified, or is not what it was. `from` sent the end of it, and waits for the news to go on. */
  changed(piece: number, from?: PeerSession): void {
    if (this.#options.content.have.has(piece)) this.#verified(piece, from);
    else this.#lost(piece);
  }

  #verified(piece: number, from?: PeerSession): void {
    for (const session of this.#options.sessions()) {
      if (session === from || session.has?.has(piece) !== true) session.out.message({ type: "have", piece });
    }
  }

  #lost(piece: number): void {
    // Who is not a seed any more cannot give each piece away once.
    if (this.#spreading !== undefined) this.#showAll();
    else for (const session of this.#options.sessions()) tellLost(session, piece);
  }

  #showAll(): void {
    this.#spreading = undefined;
    for (const piece of this.#options.content.have.indices()) this.#verified(piece);
  }

  /** A peer told all that it has. */
  met(has: Bitfield, nowMs: MonotonicMs): void {
    this.#spreading?.met(has);
    this.tick(nowMs);
  }

  /** A peer has one more piece. */
  arrived(session: PeerSession, piece: number, nowMs: MonotonicMs): void {
    if (this.#spreading?.arrived(piece, session) === true) this.#spreading.adapt(this.#queuedBytes());
    this.tick(nowMs);
  }

  #queuedBytes(): number {
    let bytes = 0;
    for (const { requestsIn, stream } of this.#options.sessions()) {
      bytes += requestsIn.length * BLOCK_BYTES + stream.unsentBytes;
    }
    return bytes;
  }

  left(session: PeerSession): void {
    this.#spreading?.left(session);
  }

  tick(nowMs: MonotonicMs): void {
    const spreading = this.#spreading;
    if (spreading === undefined) return;
    spreading.show(this.#options.sessions(), nowMs);
    if (spreading.isDone) this.#showAll();
  }
}
