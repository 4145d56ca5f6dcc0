// Web seeds as a source of one torrent: keeps a connection to each as long as the torrent wants more, and waits after a
// failure, longer each time that nothing came in between.

import type { Failure } from "../../base/failure.ts";
import type { Reach } from "../../domain/address/url-policy.ts";
import { sentenceOf } from "../../domain/errors/table.ts";
import type { Clock, Timer } from "../../world/clock.ts";
import type { Entropy } from "../../world/entropy.ts";
import type { DiscoverySource, DiscoveryStatus, RunningDiscovery, SwarmView } from "../discovery/source.ts";
import { allowedAddresses, checkHttpUrl, type GuardedWorld } from "../http/guarded-exchange.ts";
import { WebSeedStream } from "./stream.ts";

export type WebSeedDiscoveryOptions = {
  readonly urls: readonly string[];
  readonly reach: Reach;
  readonly trustedRoots?: readonly string[];
};

export type WebSeedWorld = GuardedWorld & { readonly clock: Clock; readonly entropy: Entropy };

const LOOK_MS = 1_000;
const PAUSE_MS_FIRST = 10_000;
const PAUSE_MS_MAX = 3_600_000;
const PEER_ID_PREFIX = "-WS0100-";

export function webSeedDiscovery(options: WebSeedDiscoveryOptions, world: WebSeedWorld): DiscoverySource {
  return { source: "webseed", start: (swarm) => new RunningWebSeeds(options, world, swarm) };
}

type Seed = {
  readonly url: string;
  at: "idle" | "opening" | "connected" | "refused";
  /** When it may be tried next. */
  dueMs: number;
  /** Since it last gave something. */
  failures: number;
  message: string | undefined;
  stream: WebSeedStream | undefined;
};

class RunningWebSeeds implements RunningDiscovery {
  readonly #options: WebSeedDiscoveryOptions;
  readonly #world: WebSeedWorld;
  readonly #swarm: SwarmView;
  readonly #seeds: Seed[];
  readonly #timer: Timer;
  #stopped = false;

  constructor(options: WebSeedDiscoveryOptions, world: WebSeedWorld, swarm: SwarmView) {
    this.#options = options;
    this.#world = world;
    this.#swarm = swarm;
    this.#seeds = options.urls.map((url) => ({
      url,
      at: "idle",
      dueMs: 0,
      failures: 0,
      message: undefined,
      stream: undefined,
    }));
    this.#timer = world.clock.every(LOOK_MS, () => this.#look());
    this.#look();
  }

  finished(): void {
    for (const seed of this.#seeds) seed.stream?.close("finished");
  }

  status(): readonly DiscoveryStatus[] {
    const states = { idle: "idle", opening: "asking", connected: "working", refused: "refused" } as const;
    return this.#seeds.map((seed) => ({
      source: "webseed",
      name: seed.url,
      state: seed.at === "idle" && seed.message !== undefined ? "failing" : states[seed.at],
      peersFound: seed.at === "connected" ? 1 : 0,
      ...(seed.message !== undefined && { message: seed.message }),
    }));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer.cancel();
    for (const seed of this.#seeds) seed.stream?.close("stopped");
  }

  #look(): void {
    if (this.#stopped || this.#swarm.metainfo() === undefined || this.#swarm.peersWanted() === 0) return;
    const nowMs = this.#world.clock.monotonicMs();
    for (const seed of this.#seeds) if (seed.at === "idle" && nowMs >= seed.dueMs) void this.#open(seed);
  }

  async #open(seed: Seed): Promise<void> {
    seed.at = "opening";
    const torrent = this.#swarm.metainfo();
    const checked = checkHttpUrl(seed.url);
    if (!checked.ok) return this.#failed(seed, checked.error);
    const { reach, trustedRoots } = this.#options;
    if (!this.#swarm.mayAnnounce(seed.url)) return this.#wait(seed);
    const allowed = await allowedAddresses(checked.value, reach, this.#world.names);
    if (!allowed.ok) return this.#failed(seed, allowed.error);
    const [host] = allowed.value;
    const remote = host === undefined ? undefined : { host, port: checked.value.port };
    if (this.#stopped || !torrent || !remote || !this.#swarm.mayDial(remote)) return this.#wait(seed);
    const peerId = Buffer.concat([Buffer.from(PEER_ID_PREFIX), this.#world.entropy.bytes(12)]);
    const gave = () => void (seed.failures = 0);
    const ended = (why: Failure | undefined) => (why ? this.#failed(seed, why) : this.#wait(seed));
    seed.stream = new WebSeedStream(
      { url: seed.url, torrent, remote, peerId, reach, ...(trustedRoots && { trustedRoots }), gave, ended },
      this.#world,
    );
    seed.at = "connected";
    seed.message = undefined;
    this.#swarm.adopt(seed.stream, "webseed");
  }

  #failed(seed: Seed, why: Failure): void {
    seed.stream = undefined;
    seed.message = sentenceOf(why);
    seed.at = why.code === "engine.url_refused" ? "refused" : "idle";
    seed.dueMs = this.#world.clock.monotonicMs() + Math.min(PAUSE_MS_FIRST * 2 ** seed.failures, PAUSE_MS_MAX);
    seed.failures++;
  }

  #wait(seed: Seed): void {
    seed.stream = undefined;
    seed.at = "idle";
    seed.dueMs = this.#world.clock.monotonicMs() + PAUSE_MS_FIRST;
  }
}
