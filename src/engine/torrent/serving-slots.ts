// Gives and takes the slots in which peers are served: at once while there is room, else in rounds of ten seconds.

import type { MonotonicMs } from "../../world/clock.ts";
import type { Random } from "../../world/random.ts";
import { CHOKE_ROUND_MS, CHOKER_START, type ChokerPolicy, type ChokerState, chooseServed } from "../choker/choker.ts";
import type { PeerSession } from "../peer/session-host.ts";
import type { Picker } from "../picker/picker.ts";
import type { Content } from "./content.ts";

const SLOTS = 16;
/** Members of a closed swarm are served all at once: whoever waits for a slot cannot pass anything on. */
const SLOTS_COOPERATIVE = 64;

/** What decides whom to serve, known once the disk was looked at. */
type Held = { readonly content: Pick<Content, "have">; readonly picker: Pick<Picker, "wantedLeft"> };

export class ServingSlots {
  readonly #random: Random;
  readonly #closedSwarm: boolean;
  readonly #sessions: ReadonlyMap<number, PeerSession>;
  #held: Held | undefined;
  #state: ChokerState = CHOKER_START;
  #roundAtMs = 0;

  constructor(random: Random, closedSwarm: boolean, sessions: ReadonlyMap<number, PeerSession>) {
    this.#random = random;
    this.#closedSwarm = closedSwarm;
    this.#sessions = sessions;
  }

  begin(held: Held): void {
    this.#held = held;
  }

  get #mode(): ChokerPolicy["mode"] {
    if (this.#closedSwarm) return "cooperative";
    return this.#held?.picker.wantedLeft === 0 ? "seeding" : "leeching";
  }

  /** A free slot is given at once; only a full house waits for the round. */
  offer(session: PeerSession, nowMs: MonotonicMs): void {
    if (this.#held === undefined || !session.wantsUs || !session.weChoke) return;
    let served = 0;
    for (const other of this.#sessions.values()) if (!other.weChoke && other.wantsUs) served++;
    if (served < slotsOf(this.#mode)) session.setChoking(false, nowMs);
  }

  tick(nowMs: MonotonicMs): void {
    if (nowMs - this.#roundAtMs < CHOKE_ROUND_MS) return;
    this.#roundAtMs = nowMs;
    const mode = this.#mode;
    const piecesHeld = this.#held?.content.have.count ?? 0;
    const sessions = [...this.#sessions.values()];
    const peers = sessions.map((session) => ({
      id: session.id,
      wantsUs: session.wantsUs,
      rateDown: session.down.bytesPerSecond,
      rateUp: session.up.bytesPerSecond,
      isServed: !session.weChoke,
      servedForMs: nowMs - session.servedSinceMs,
      snubbed: session.window.snubbed,
      piecesLacking: piecesHeld - (session.has?.count ?? 0),
    }));
    const step = chooseServed(this.#state, peers, { slots: slotsOf(mode), mode }, nowMs, this.#random);
    this.#state = step.state;
    for (const session of sessions) session.setChoking(!step.served.has(session.id), nowMs);
  }
}

function slotsOf(mode: ChokerPolicy["mode"]): number {
  return mode === "cooperative" ? SLOTS_COOPERATIVE : SLOTS;
}
