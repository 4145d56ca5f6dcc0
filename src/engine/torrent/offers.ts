// A member of a closed swarm that has nothing to send says so to a few who lack what it has, for they have asked others for
// all of it: a way out that stands idle is what the last one to finish waits for.

import type { MonotonicMs } from "../../world/clock.ts";
import type { PeerSession } from "../peer/session-host.ts";
import type { Members, SwarmFlow } from "./flow.ts";

/** Offers that wait for an answer: more got no faster answer, and one does not fill a way out when it is declined. */
const OPEN_MAX = 4;
/** Nobody answers that it has no use for an offer; by then it has none. */
const ANSWER_MS = 50;
/** With fewer pieces than this waiting the way out would run empty before an offer made later is answered. */
const PIECES_WAITING_MIN = 2;

export type OfferParts = Pick<SwarmFlow, "content" | "picker"> & Members;

export class Offers {
  readonly #parts: OfferParts;
  readonly #open = new Map<PeerSession, MonotonicMs>();

  constructor(parts: OfferParts) {
    this.#parts = parts;
  }

  /** `piecesWaiting`: that were asked for and of which nothing has left. */
  make(piecesWaiting: number, nowMs: MonotonicMs): void {
    const { content, random } = this.#parts;
    if (content.have.count === 0 || piecesWaiting >= PIECES_WAITING_MIN) return;
    for (const [session, sinceMs] of this.#open) {
      if (nowMs - sinceMs > ANSWER_MS || !this.#isFree(session)) this.#open.delete(session);
    }
    if (this.#open.size >= OPEN_MAX) return;
    const free: PeerSession[] = [];
    for (const session of this.#parts.sessions.values()) {
      if (this.#isFree(session) && !this.#open.has(session)) free.push(session);
    }
    while (free.length > 0 && this.#open.size < OPEN_MAX) {
      const [session] = free.splice(random.below(free.length), 1);
      const piece = session === undefined ? undefined : this.#rarestFor(session);
      if (session === undefined || piece === undefined) continue;
      this.#open.set(session, nowMs);
      session.out.message({ type: "suggest", piece });
    }
  }

  /** It may ask, and nothing that it asked for waits here. */
  #isFree(session: PeerSession): boolean {
    const { closed, fast, weChoke, wantsUs, requestsIn, has } = session;
    return !closed && fast && !weChoke && wantsUs && requestsIn.length === 0 && has?.isFull === false;
  }

  #rarestFor({ has }: PeerSession): number | undefined {
    const { content, picker } = this.#parts;
    let rarest: number | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const piece of content.have.indices()) {
      const copies = picker.copiesOf(piece);
      if (copies >= fewest || has?.has(piece) === true) continue;
      rarest = piece;
      fewest = copies;
    }
    return rarest;
  }
}
