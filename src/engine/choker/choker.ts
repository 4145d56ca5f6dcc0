// Decides whom to serve. A pure function of what the peers did since the last round (BEP 3: tit for tat, one optimistic
// slot; when seeding, whoever takes fastest, in turns). States are told in STATE.md.

import type { Random } from "../../world/random.ts";

export type ChokerPeer = {
  readonly id: number;
  readonly wantsUs: boolean;
  /** Bytes a second that the peer gave us, and that we gave it. */
  readonly rateDown: number;
  readonly rateUp: number;
  readonly isServed: boolean;
  /** Milliseconds since the peer was unchoked; meaningless unless served. */
  readonly servedForMs: number;
  /** It owes us blocks and sends none. */
  readonly snubbed: boolean;
  /** Pieces that the peer lacks and we have: the closed swarm serves the neediest. */
  readonly piecesLacking: number;
};

export type ChokerPolicy = {
  readonly slots: number;
  /** leeching: reward givers. seeding: serve fast takers in turns. cooperative: spread the content fastest. */
  readonly mode: "leeching" | "seeding" | "cooperative";
};

export type ChokerState = {
  readonly optimistic: number | undefined;
  readonly optimisticSinceMs: number;
};

export const CHOKER_START: ChokerState = { optimistic: undefined, optimisticSinceMs: 0 };
export const CHOKE_ROUND_MS = 10_000;
const OPTIMISTIC_MS = 30_000;
/** A seed serves a peer for at least this long before another one takes its turn. */
const SEED_TURN_MS = 60_000;

export type ChokerStep = { readonly state: ChokerState; readonly served: ReadonlySet<number> };

export function chooseServed(
  state: ChokerState,
  peers: readonly ChokerPeer[],
  policy: ChokerPolicy,
  nowMs: number,
  random: Random,
): ChokerStep {
  const wanting = peers.filter((peer) => peer.wantsUs);
  if (wanting.length <= policy.slots) {
    return { state: CHOKER_START, served: new Set(wanting.map((peer) => peer.id)) };
  }
  const regular = ranked(wanting, policy).slice(0, Math.max(1, policy.slots - 1));
  const served = new Set(regular.map((peer) => peer.id));
  const rest = wanting.filter((peer) => !served.has(peer.id));
  const kept = rest.find((peer) => peer.id === state.optimistic);
  if (kept !== undefined && nowMs - state.optimisticSinceMs < OPTIMISTIC_MS) {
    return { state, served: served.add(kept.id) };
  }
  const others = rest.filter((peer) => peer !== kept);
  const optimistic = others[random.below(others.length)] ?? kept;
  if (optimistic === undefined) return { state: CHOKER_START, served };
  return { state: { optimistic: optimistic.id, optimisticSinceMs: nowMs }, served: served.add(optimistic.id) };
}

function ranked(peers: readonly ChokerPeer[], policy: ChokerPolicy): ChokerPeer[] {
  const list = [...peers];
  switch (policy.mode) {
    case "leeching":
      return list.sort((a, b) => Number(a.snubbed) - Number(b.snubbed) || b.rateDown - a.rateDown || a.id - b.id);
    case "seeding":
      return list.sort((a, b) => turnOver(a) - turnOver(b) || b.rateUp - a.rateUp || a.id - b.id);
    case "cooperative":
      return list.sort((a, b) => b.piecesLacking - a.piecesLacking || a.id - b.id);
    default:
      return policy.mode satisfies never;
  }
}

// Those in the middle of their turn first, then those who wait, then those whose turn is over.
function turnOver(peer: ChokerPeer): number {
  if (!peer.isServed) return 1;
  return peer.servedForMs < SEED_TURN_MS ? 0 : 2;
}
