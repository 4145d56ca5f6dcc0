// A member of a closed swarm keeps few requests and refuses the rest (BEP 6), so that what its neighbours lack is free when
// somebody offers it, and does not wait in a long queue while others stand idle. Decision 0023 says why.

import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { PeerSession } from "../peer/session-host.ts";
import { type BlockKey, blockOfKey, pieceOfKey } from "../picker/block-key.ts";
import type { Members, SwarmFlow } from "./flow.ts";
import type { Requesting } from "./requesting.ts";

/** Pieces that wait for their turn: enough to send until an offer is answered, and no more. */
const WAITING_MAX = 4;

export type RefusalParts = Pick<SwarmFlow, "picker" | "uploads"> & Members & { readonly requesting: Requesting };

export class Refusals {
  readonly #parts: RefusalParts;

  constructor(parts: RefusalParts) {
    this.#parts = parts;
  }

  /** Returns how many pieces had waited. */
  refuse(): number {
    return this.#parts.uploads.refuseBeyond(WAITING_MAX);
  }

  /** A block will not come from there. The piece is asked of another once none of it will. False: not a refusal. */
  refused(session: PeerSession, key: BlockKey, nowMs: MonotonicMs): boolean {
    const piece = pieceOfKey(key);
    const active = this.#parts.picker.active.get(piece);
    if (active === undefined || !session.takesRefusals || session.closed) return false;
    session.window.refused(nowMs);
    active.release(blockOfKey(key));
    session.skipBlockOf(piece, blockOfKey(key) * BLOCK_BYTES);
    if (session.window.blocksOf(piece) > 0) return true;
    if (active.owner === session.id) active.owner = undefined;
    const holders = Array.from(this.#parts.sessions.values()).filter(({ has }) => has?.has(piece) === true);
    while (holders.length > 0 && active.free > 0) {
      const [holder] = holders.splice(this.#parts.random.below(holders.length), 1);
      if (holder !== undefined) this.#parts.requesting.askMore(holder, nowMs);
    }
    return true;
  }
}
