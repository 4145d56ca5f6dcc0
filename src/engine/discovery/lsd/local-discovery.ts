// Local service discovery: finds peers of the same network by multicast. One socket serves all torrents.

import { toHex } from "../../../base/bytes.ts";
import { type Failure, failure } from "../../../base/failure.ts";
import { err, ok, type Result } from "../../../base/result.ts";
import type { Endpoint } from "../../../domain/address/endpoint.ts";
import { decodeLsdAnnounce, encodeLsdAnnounce, LSD_GROUPS, LSD_PORT } from "../../../wire/lsd/announce.ts";
import type { Clock, Timer } from "../../../world/clock.ts";
import type { Entropy } from "../../../world/entropy.ts";
import type { Net, UdpSocket } from "../../../world/net.ts";
import type { DiscoverySource, DiscoveryStatus, RunningDiscovery, SwarmView } from "../source.ts";

/** BEP 14: every five minutes; libtorrent's and Transmission's habit too. */
const ANNOUNCE_MS = 5 * 60_000;
/** More announcements in a minute, from all hosts together, are not looked at (H61). */
const HEARD_PER_MINUTE_MAX = 120;

export type LsdWorld = { readonly net: Net; readonly clock: Clock; readonly entropy: Entropy };

export class LocalDiscovery implements DiscoverySource {
  readonly source = "lsd";
  readonly #world: LsdWorld;
  readonly #family: 4 | 6;
  readonly #cookie: string;
  readonly #running = new Set<RunningLsd>();
  #opening: Promise<Result<UdpSocket, Failure>> | undefined;
  #heard = { count: 0, sinceMs: 0 };

  constructor(world: LsdWorld, family: 4 | 6 = 4) {
    this.#world = world;
    this.#family = family;
    this.#cookie = toHex(world.entropy.bytes(8));
  }

  /** Nothing is sent, and no socket opened, for a torrent that is private (H75). */
  start(swarm: SwarmView): RunningDiscovery {
    const running = new RunningLsd(this.#world.clock, swarm, (infoHashes, port) => this.#announce(infoHashes, port));
    this.#running.add(running);
    running.begin();
    return {
      finished: () => undefined,
      status: () => [running.status()],
      stop: async () => {
        running.end();
        this.#running.delete(running);
        if (this.#running.size === 0) await this.#closeSocket();
      },
    };
  }

  async #announce(infoHashes: readonly Uint8Array[], port: number): Promise<Result<undefined, Failure>> {
    this.#opening ??= this.#open();
    const socket = await this.#opening;
    if (!socket.ok) {
      this.#opening = undefined;
      return socket;
    }
    const bytes = encodeLsdAnnounce({ infoHashes, port, cookie: this.#cookie }, this.#family);
    socket.value.send(bytes, { host: LSD_GROUPS[this.#family], port: LSD_PORT });
    return ok();
  }

  async #open(): Promise<Result<UdpSocket, Failure>> {
    const at = { host: this.#family === 4 ? "0.0.0.0" : "::", port: LSD_PORT };
    const handlers = { onMessage: (bytes: Uint8Array, from: Endpoint) => this.#onMessage(bytes, from) };
    const socket = await this.#world.net.bindUdp(at, handlers, { reuse: true });
    if (!socket.ok) return socket;
    const joined = socket.value.joinGroup(LSD_GROUPS[this.#family]);
    if (joined.ok) return socket;
    socket.value.close();
    return err(failure("engine.listen_failed", joined.error.data, joined.error.cause));
  }

  async #closeSocket(): Promise<void> {
    const socket = await this.#opening;
    this.#opening = undefined;
    if (socket?.ok) socket.value.close();
  }

  #onMessage(bytes: Uint8Array, from: Endpoint): void {
    if (!this.#mayListen()) return;
    const announce = decodeLsdAnnounce(bytes);
    if (announce === undefined || announce.cookie === this.#cookie) return;
    const wanted = new Set(announce.infoHashes.map(toHex));
    for (const running of this.#running) running.heard(wanted, { host: from.host, port: announce.port });
  }

  #mayListen(): boolean {
    const nowMs = this.#world.clock.monotonicMs();
    if (nowMs - this.#heard.sinceMs > 60_000) this.#heard = { count: 0, sinceMs: nowMs };
    this.#heard.count += 1;
    return this.#heard.count <= HEARD_PER_MINUTE_MAX;
  }
}

type Announce = (infoHashes: readonly Uint8Array[], port: number) => Promise<Result<undefined, Failure>>;

class RunningLsd {
  readonly #clock: Clock;
  readonly #swarm: SwarmView;
  readonly #announce: Announce;
  #timer: Timer | undefined;
  #state: DiscoveryStatus["state"] = "idle";
  #message: string | undefined;
  #found = 0;

  constructor(clock: Clock, swarm: SwarmView, announce: Announce) {
    this.#clock = clock;
    this.#swarm = swarm;
    this.#announce = announce;
  }

  begin(): void {
    this.#tell();
    this.#timer = this.#clock.every(ANNOUNCE_MS, () => this.#tell());
  }

  end(): void {
    this.#timer?.cancel();
    this.#state = "idle";
  }

  status(): DiscoveryStatus {
    const base = { source: "lsd", name: "local network", state: this.#state, peersFound: this.#found } as const;
    return this.#message === undefined ? base : { ...base, message: this.#message };
  }

  heard(infoHashes: ReadonlySet<string>, endpoint: Endpoint): void {
    if (this.#swarm.isPrivate() === true || !this.#swarm.mayDial(endpoint)) return;
    if (!this.#swarm.infoHashes.some((infoHash) => infoHashes.has(toHex(infoHash)))) return;
    this.#found += 1;
    this.#swarm.foundPeers([endpoint], "lsd");
  }

  #tell(): void {
    if (this.#swarm.isPrivate() === true) {
      this.#state = "refused";
      return;
    }
    const port = this.#swarm.listenPort();
    // Who accepts nobody has nothing to announce.
    if (port === 0) return;
    void this.#announce(this.#swarm.infoHashes, port).then((announced) => {
      this.#state = announced.ok ? "working" : "failing";
      this.#message = announced.ok ? undefined : String(announced.error.data["why"] ?? "");
    });
  }
}
