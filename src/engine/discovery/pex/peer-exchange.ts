// Peer exchange (BEP 11): tells connected peers who else is connected, and takes the same from them, within limits.

import { type Endpoint, formatEndpoint } from "../../../domain/address/endpoint.ts";
import { mayBeTold, scopeOf } from "../../../domain/address/scope.ts";
import {
  decodePexMessage,
  encodePexMessage,
  PEX_BYTES_MAX,
  PEX_NAME,
  PEX_PEERS_MAX,
  type PexPeer,
} from "../../../wire/peer/pex-message.ts";
import type { Clock, Timer } from "../../../world/clock.ts";
import type { AttachedExtension, ExtensionHook, ExtensionPeer } from "../../extension.ts";
import type { SwarmView } from "../source.ts";
import type { Acquaintances, AcquaintancesOfSwarms } from "./acquaintances.ts";

/** BEP 11: at most one message a minute. */
const SEND_PERIOD_MS = 60_000;
const ROUND_MS = 1000;
/** What others may send: one every 45 seconds, and a few more at the start (H61). */
const RECEIVE_PERIOD_MS = 45_000;
const RECEIVE_BURST = 4;

export class PeerExchange implements ExtensionHook {
  readonly name = PEX_NAME;
  readonly bytesMax = PEX_BYTES_MAX;
  readonly allowedInPrivate = false;
  readonly #clock: Clock;
  readonly #swarms: AcquaintancesOfSwarms;

  constructor(clock: Clock, swarms: AcquaintancesOfSwarms) {
    this.#clock = clock;
    this.#swarms = swarms;
  }

  attach(swarm: SwarmView): AttachedExtension {
    return new SwarmExchange(this.#clock, swarm, this.#swarms.of(swarm));
  }
}

type Correspondent = {
  /** Endpoints that this peer was told of, by their text. */
  readonly told: Map<string, Endpoint>;
  nextSendMs: number;
  allowance: number;
  allowanceMs: number;
};

class SwarmExchange implements AttachedExtension {
  readonly #clock: Clock;
  readonly #swarm: SwarmView;
  readonly #acquaintances: Acquaintances;
  readonly #peers = new Map<ExtensionPeer, Correspondent>();
  #rounds: Timer | undefined;

  constructor(clock: Clock, swarm: SwarmView, acquaintances: Acquaintances) {
    this.#clock = clock;
    this.#swarm = swarm;
    this.#acquaintances = acquaintances;
  }

  peerReady(peer: ExtensionPeer): void {
    const nowMs = this.#clock.monotonicMs();
    this.#peers.set(peer, { told: new Map(), nextSendMs: nowMs, allowance: RECEIVE_BURST, allowanceMs: nowMs });
    this.#rounds ??= this.#clock.every(ROUND_MS, () => this.#round());
  }

  peerGone(peer: ExtensionPeer): void {
    this.#peers.delete(peer);
    if (this.#peers.size > 0) return;
    this.close();
  }

  message(peer: ExtensionPeer, payload: Uint8Array): void {
    const correspondent = this.#peers.get(peer);
    if (correspondent === undefined) return;
    if (!this.#mayReceive(correspondent)) {
      peer.close("pex-flood");
      return;
    }
    const message = decodePexMessage(payload);
    if (!message.ok) {
      peer.close(message.error);
      return;
    }
    if (this.#swarm.isPrivate() === true) return;
    const found = message.value.added
      .map(({ endpoint }) => endpoint)
      .filter((endpoint) => mayBeTold(endpoint.host, peer.remote.host));
    for (const endpoint of found) this.#acquaintances.noteTold(endpoint, peer.remote);
    if (found.length > 0) this.#swarm.foundPeers(found, "pex");
  }

  close(): void {
    this.#rounds?.cancel();
    this.#rounds = undefined;
  }

  #mayReceive(correspondent: Correspondent): boolean {
    const nowMs = this.#clock.monotonicMs();
    const earned = (nowMs - correspondent.allowanceMs) / RECEIVE_PERIOD_MS;
    correspondent.allowance = Math.min(RECEIVE_BURST, correspondent.allowance + earned);
    correspondent.allowanceMs = nowMs;
    if (correspondent.allowance < 1) return false;
    correspondent.allowance -= 1;
    return true;
  }

  #round(): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#swarm.isPrivate() === true) return;
    let present: Map<string, PexPeer> | undefined;
    for (const [peer, correspondent] of this.#peers) {
      if (correspondent.nextSendMs > nowMs) continue;
      present ??= this.#present();
      this.#tell(peer, correspondent, present, nowMs);
    }
  }

  #present(): Map<string, PexPeer> {
    const present = new Map<string, PexPeer>();
    for (const peer of this.#peers.keys()) {
      if (peer.dialable === undefined) continue;
      const flags = {
        prefersEncryption: peer.transport === "mse" || peer.transport === "mse-utp",
        isSeed: peer.isSeed,
        speaksUtp: peer.transport === "utp" || peer.transport === "mse-utp",
        speaksHolepunch: this.#acquaintances.holepuncherAt(peer.dialable) !== undefined,
        isReachable: peer.dialable.port === peer.remote.port,
      };
      present.set(formatEndpoint(peer.dialable), { endpoint: peer.dialable, flags });
    }
    return present;
  }

  #tell(peer: ExtensionPeer, correspondent: Correspondent, present: ReadonlyMap<string, PexPeer>, nowMs: number): void {
    const { told } = correspondent;
    const dropped = [...told].filter(([key]) => !present.has(key)).slice(0, PEX_PEERS_MAX);
    const added = [...present]
      .filter(([key, other]) => !told.has(key) && isForEars(other.endpoint, peer))
      .slice(0, PEX_PEERS_MAX);
    if (added.length === 0 && dropped.length === 0) return;
    for (const [key] of dropped) told.delete(key);
    for (const [key, other] of added) told.set(key, other.endpoint);
    correspondent.nextSendMs = nowMs + SEND_PERIOD_MS;
    peer.send(
      encodePexMessage({ added: added.map(([, other]) => other), dropped: dropped.map(([, endpoint]) => endpoint) }),
    );
  }
}

// Nobody needs its own address, and nobody outside needs those of the inside.
function isForEars({ host, port }: Endpoint, { remote, dialable }: ExtensionPeer): boolean {
  if (dialable !== undefined && host === dialable.host && port === dialable.port) return false;
  return scopeOf(host) !== "private" || scopeOf(remote.host) === "private";
}
