// Holepunch (BEP 55): introduces two of our peers that cannot dial each other, and lets ourselves be introduced.

import { type Endpoint, formatEndpoint } from "../../../domain/address/endpoint.ts";
import { mayBeTold } from "../../../domain/address/scope.ts";
import {
  decodeHolepunch,
  encodeHolepunch,
  HOLEPUNCH_BYTES_MAX,
  HOLEPUNCH_NAME,
  type HolepunchError,
} from "../../../wire/peer/holepunch-message.ts";
import type { Clock } from "../../../world/clock.ts";
import type { AttachedExtension, ExtensionHook, ExtensionPeer } from "../../extension.ts";
import type { SwarmView } from "../source.ts";
import type { Acquaintances, AcquaintancesOfSwarms } from "./acquaintances.ts";

/** Each peer may ask, and each may send us somewhere, this often in a minute (H61). */
const MESSAGES_PER_MINUTE = 20;
/** Whom we already asked for is not asked for again at once. */
const ASKED_MAX = 500;

export class Holepunch implements ExtensionHook {
  readonly name = HOLEPUNCH_NAME;
  readonly bytesMax = HOLEPUNCH_BYTES_MAX;
  readonly allowedInPrivate = false;
  readonly #clock: Clock;
  readonly #swarms: AcquaintancesOfSwarms;

  constructor(clock: Clock, swarms: AcquaintancesOfSwarms) {
    this.#clock = clock;
    this.#swarms = swarms;
  }

  attach(swarm: SwarmView): AttachedExtension {
    return new SwarmHolepunch(this.#clock, swarm, this.#swarms.of(swarm));
  }
}

type Meter = { count: number; sinceMs: number };

class SwarmHolepunch implements AttachedExtension {
  readonly #clock: Clock;
  readonly #swarm: SwarmView;
  readonly #acquaintances: Acquaintances;
  readonly #peers = new Map<ExtensionPeer, Meter>();
  /** Endpoints that we asked to be introduced to. */
  readonly #asked = new Set<string>();

  constructor(clock: Clock, swarm: SwarmView, acquaintances: Acquaintances) {
    this.#clock = clock;
    this.#swarm = swarm;
    this.#acquaintances = acquaintances;
  }

  peerReady(peer: ExtensionPeer): void {
    this.#peers.set(peer, { count: 0, sinceMs: this.#clock.monotonicMs() });
    this.#acquaintances.addHolepuncher(peer);
  }

  peerGone(peer: ExtensionPeer): void {
    this.#peers.delete(peer);
    this.#acquaintances.removeHolepuncher(peer);
  }

  message(peer: ExtensionPeer, payload: Uint8Array): void {
    const message = decodeHolepunch(payload);
    if (message === undefined) {
      peer.close("holepunch-malformed");
      return;
    }
    if (!this.#mayTalk(peer) || this.#swarm.isPrivate() === true) return;
    if (message.type === "rendezvous") this.#introduce(peer, message.endpoint);
    else if (message.type === "connect") this.#beIntroduced(peer, message.endpoint);
  }

  /** A peer could not be dialled: whoever told us of it may be connected to it. */
  unreachable(remote: Endpoint): void {
    const key = formatEndpoint(remote);
    if (this.#asked.has(key) || this.#asked.size >= ASKED_MAX || this.#swarm.isPrivate() === true) return;
    const introducer = this.#acquaintances.introducerTo(remote);
    if (introducer === undefined) return;
    this.#asked.add(key);
    introducer.send(encodeHolepunch({ type: "rendezvous", endpoint: remote }));
  }

  close(): void {
    this.#peers.clear();
    this.#asked.clear();
  }

  #introduce(asker: ExtensionPeer, wanted: Endpoint): void {
    const target = this.#acquaintances.holepuncherAt(wanted);
    const refuse = (error: HolepunchError) => asker.send(encodeHolepunch({ type: "error", endpoint: wanted, error }));
    if (target === asker) return refuse("no-self");
    if (target === undefined) return refuse("not-connected");
    if (!mayBeTold(asker.remote.host, target.remote.host)) return refuse("no-such-peer");
    target.send(encodeHolepunch({ type: "connect", endpoint: asker.remote }));
    asker.send(encodeHolepunch({ type: "connect", endpoint: wanted }));
  }

  #beIntroduced(relay: ExtensionPeer, to: Endpoint): void {
    // H62: nobody sends us to an address inside that it could not itself be near to.
    if (!mayBeTold(to.host, relay.remote.host) || !this.#swarm.mayDial(to)) return;
    this.#swarm.foundPeers([to], "holepunch");
  }

  #mayTalk(peer: ExtensionPeer): boolean {
    const meter = this.#peers.get(peer);
    if (meter === undefined) return false;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - meter.sinceMs >= 60_000) {
      meter.count = 0;
      meter.sinceMs = nowMs;
    }
    meter.count += 1;
    return meter.count <= MESSAGES_PER_MINUTE;
  }
}
