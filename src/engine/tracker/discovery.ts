// Trackers as a source of peers: runs a lane for each tier and info-hash, and tells what became of each tracker.

import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { Reach } from "../../domain/address/url-policy.ts";
import { sentenceOf } from "../../domain/errors/table.ts";
import type { AnnounceEvent, AnnounceReply, NamedPeer } from "../../wire/tracker/announce.ts";
import type { Timer } from "../../world/clock.ts";
import type { Random } from "../../world/random.ts";
import type { DiscoverySource, DiscoveryStatus, RunningDiscovery, SwarmView } from "../discovery/source.ts";
import { TrackerClient, type TrackerFailure, type TrackerPolicy, type TrackerWorld } from "./client.ts";
import { type LaneEvent, type LaneState, type LaneStep, laneStart, laneStep } from "./lane.ts";
import { findNamedPeers, sayLeft } from "./named-peers.ts";

export type TrackerDiscoveryOptions = TrackerPolicy & {
  /** BEP 12: each tier is tried on its own, its trackers in random order at first. */
  readonly tiers: readonly (readonly string[])[];
};

export type TrackerDiscoveryWorld = TrackerWorld & { readonly random: Random };

const PEERS_WANTED_MAX = 200;
const HUNGER_CHECK_MS = 15_000;
const GOOD_BYE_MS_MAX = 3_000;

export function trackerDiscovery(options: TrackerDiscoveryOptions, world: TrackerDiscoveryWorld): DiscoverySource {
  return { source: "tracker", start: (swarm) => new RunningTrackers(options, world, swarm) };
}

class RunningTrackers implements RunningDiscovery {
  readonly #world: TrackerDiscoveryWorld;
  readonly #swarm: SwarmView;
  readonly #client: TrackerClient;
  readonly #reach: Reach;
  readonly #lanes: Lane[];
  readonly #statuses = new Map<string, DiscoveryStatus>();
  readonly #hunger: Timer;
  readonly #ending = new AbortController();
  readonly #goodByes: Promise<unknown>[] = [];

  constructor(options: TrackerDiscoveryOptions, world: TrackerDiscoveryWorld, swarm: SwarmView) {
    this.#world = world;
    this.#swarm = swarm;
    this.#client = new TrackerClient(options, world);
    this.#reach = options.reach;
    const key = Buffer.from(world.entropy.bytes(4)).readUInt32BE(0);
    const tiers = options.tiers.map((tier) => tier.filter((url) => swarm.mayAnnounce(url)));
    for (const url of tiers.flat())
      this.#statuses.set(url, { source: "tracker", name: url, state: "idle", peersFound: 0 });
    const busy = tiers.filter((tier) => tier.length > 0);
    this.#lanes = busy.flatMap((tier) =>
      swarm.infoHashes.map((infoHash) => new Lane(shuffled(tier, world.random), infoHash, key, this)),
    );
    this.#hunger = world.clock.every(HUNGER_CHECK_MS, () => this.#feedHungry());
    for (const lane of this.#lanes) lane.begin(this.nowMs());
  }

  /** BEP 3's "completed" is said of the whole: who chose some of the files has not completed the torrent. */
  finished(): void {
    if (this.#swarm.progress().bytesLeft > 0) return;
    for (const lane of this.#lanes) lane.take({ type: "finished" });
  }

  status(): readonly DiscoveryStatus[] {
    return [...this.#statuses.values()];
  }

  async stop(): Promise<void> {
    this.#hunger.cancel();
    for (const lane of this.#lanes) lane.take({ type: "stop" });
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#world.clock.after(GOOD_BYE_MS_MAX, resolve);
    await Promise.race([Promise.all(this.#goodByes), promise]);
    timer.cancel();
    this.#ending.abort();
    await this.#client.close();
  }

  nowMs(): number {
    return this.#world.clock.monotonicMs();
  }

  wake(atMs: number, lane: Lane): Timer {
    return this.#world.clock.after(Math.max(0, atMs - this.nowMs()), () => lane.take({ type: "due" }));
  }

  announce(url: string, event: AnnounceEvent, lane: Lane): void {
    const asking = this.#announce(url, event, lane);
    if (event === "stopped") this.#goodByes.push(asking);
  }

  async #announce(url: string, event: AnnounceEvent, lane: Lane): Promise<void> {
    if (event !== "stopped" && !this.#swarm.mayAnnounce(url)) {
      this.#tell(url, { state: "refused", message: "not covered by the grant" });
      lane.take({ type: "failed", retrySeconds: "never", jitter: 0 });
      return;
    }
    if (event !== "stopped") this.#tell(url, { state: "asking" });
    const { bytesLeft, bytesDown, bytesUp } = this.#swarm.progress();
    const peersWanted = event === "stopped" ? 0 : Math.min(PEERS_WANTED_MAX, this.#swarm.peersWanted());
    const about = {
      infoHash: lane.infoHash,
      peerId: this.#swarm.peerId,
      port: this.#swarm.listenPort(),
      key: lane.key,
    };
    const answer = await this.#client.announce(
      url,
      { ...about, bytesUp, bytesDown, bytesLeft, event, peersWanted },
      this.#ending.signal,
    );
    if (this.#ending.signal.aborted || event === "stopped") return;
    if (answer.ok) this.#heard(url, answer.value, lane);
    else this.#missed(url, answer.error, lane);
  }

  #heard(url: string, reply: AnnounceReply, lane: Lane): void {
    const before = this.#statuses.get(url);
    this.#tell(url, {
      state: "working",
      peersFound: (before?.peersFound ?? 0) + reply.peers.length,
      ...(reply.seeders !== undefined && { seeders: reply.seeders }),
      ...(reply.leechers !== undefined && { leechers: reply.leechers }),
      ...(reply.warning !== undefined && { message: reply.warning }),
    });
    lane.take({ type: "answered", reply });
    // Over UDP one more small packet tells how often the torrent was fetched, which an announce does not.
    const isCheap = /^udp:/i.test(url) && before?.downloads === undefined;
    if (reply.seeders === undefined || isCheap) void this.#count(url, lane);
    this.#welcome(reply.peers);
    if (reply.named.length > 0) void this.#find(url, reply.named);
  }

  #welcome(peers: readonly Endpoint[]): void {
    const welcome = peers.filter((peer) => this.#swarm.mayDial(peer));
    if (welcome.length > 0) this.#swarm.foundPeers(welcome, "tracker");
  }

  /** Nobody waits for the names: the peers with addresses are dialled meanwhile. */
  async #find(url: string, named: readonly NamedPeer[]): Promise<void> {
    const { peers, left } = await findNamedPeers(named, this.#reach, this.#world);
    const known = this.#statuses.get(url);
    if (this.#ending.signal.aborted || known === undefined) return;
    const message = known.message ?? (left === 0 ? undefined : sayLeft(left));
    this.#tell(url, { peersFound: known.peersFound + peers.length, ...(message !== undefined && { message }) });
    this.#welcome(peers);
  }

  async #count(url: string, lane: Lane): Promise<void> {
    const counts = await this.#client.scrape(url, lane.infoHash, this.#ending.signal);
    const known = this.#statuses.get(url);
    if (counts && known) {
      this.#statuses.set(url, { ...known, ...counts });
    }
  }

  #missed(url: string, { failure, retrySeconds }: TrackerFailure, lane: Lane): void {
    this.#tell(url, { state: retrySeconds === "never" ? "refused" : "failing", message: sentenceOf(failure) });
    lane.take({ type: "failed", retrySeconds, jitter: this.#world.random.below(1_000) / 1_000 });
  }

  #tell(url: string, news: Partial<DiscoveryStatus>): void {
    const { message: _forgotten, ...known } = this.#statuses.get(url) ?? {
      name: url,
      source: "tracker",
      peersFound: 0,
    };
    this.#statuses.set(url, { state: "idle", ...known, ...news });
  }

  #feedHungry(): void {
    if (this.#swarm.peersWanted() === 0) return;
    for (const lane of this.#lanes) lane.take({ type: "starved" });
  }
}

/** Holds one lane's state and its one timer. */
class Lane {
  readonly infoHash: Uint8Array;
  readonly key: number;
  readonly #urls: readonly string[];
  readonly #owner: RunningTrackers;
  #state: LaneState | undefined;
  #timer: Timer | undefined;

  constructor(urls: readonly string[], infoHash: Uint8Array, key: number, owner: RunningTrackers) {
    this.#urls = urls;
    this.infoHash = infoHash;
    this.key = key;
    this.#owner = owner;
  }

  begin(nowMs: number): void {
    this.#act(laneStart(this.#urls, nowMs));
  }

  take(event: LaneEvent): void {
    if (this.#state) this.#act(laneStep(this.#state, event, this.#owner.nowMs()));
  }

  #act([state, effects]: LaneStep): void {
    this.#state = state;
    if (state.at.kind !== "waiting") this.#timer?.cancel();
    for (const effect of effects) {
      if (effect.type === "announce") this.#owner.announce(effect.url, effect.event, this);
      else {
        this.#timer?.cancel();
        this.#timer = this.#owner.wake(effect.atMs, this);
      }
    }
  }
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice(random.below(left.length), 1));
  return out;
}
