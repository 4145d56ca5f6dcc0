// The engine: one listener for all torrents, one clock tick, shared memory and limits.

import { type Failure, failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Endpoint } from "../domain/address/endpoint.ts";
import type { Timer } from "../world/clock.ts";
import type { Engine, EngineOptions, EngineWorld, RateLimits, Torrent, TorrentOptions } from "./contract.ts";
import { BanList, type EngineCore, nowOf } from "./engine-core.ts";
import { TokenBucket } from "./limits/token-bucket.ts";
import { Listeners } from "./listeners.ts";
import { OwnAddress } from "./own-address.ts";
import { open } from "./peer/opening.ts";
import { DiskThreads, InlineStores } from "./storage/disk-threads.ts";
import { PieceMemory } from "./storage/piece-memory.ts";
import { TorrentTask } from "./torrent/torrent-task.ts";
import { TorrentIndex } from "./torrent-index.ts";
import { tcpTransport } from "./transport/tcp.ts";
import type { PeerStream } from "./transport/transport.ts";

const TICK_MS = 1000;
/** With a rate limit, tokens are spent this often. */
const PACE_MS = 50;
const PIECE_MEMORY_BYTES = 64 * 1024 * 1024;
const CONNECTIONS_MAX = 500;
/** H65: strangers in the middle of their handshake cannot take the places of others. */
const OPENING_MAX = 1000;
const PEER_ID_PREFIX = "-SG0100-";

/** Listens where it was told to and sends nothing. Failure codes: engine.listen_failed. */
export async function createEngine(options: EngineOptions, world: EngineWorld): Promise<Result<Engine, Failure>> {
  const engine = new SwarmEngine(options, world);
  const listening = await engine.listen(options.listen ?? []);
  if (listening.ok) return ok(engine);
  await engine.close();
  return listening;
}

class SwarmEngine implements Engine {
  readonly #core: EngineCore;
  readonly #index = new TorrentIndex();
  readonly #listeners: Listeners;
  readonly #timers: Timer[] = [];
  #tickedAtMs: number;
  #opening = 0;
  #closed = false;

  constructor(options: EngineOptions, world: EngineWorld) {
    const nowMs = world.clock.monotonicMs();
    this.#core = {
      world,
      memory: new PieceMemory(options.pieceMemoryBytesMax ?? PIECE_MEMORY_BYTES),
      stores: world.threads
        ? new DiskThreads(world.threads, options.diskThreads ?? 1)
        : new InlineStores(world.disk, world.entropy),
      bans: new BanList(),
      down: new TokenBucket(options.limits?.down, nowMs),
      up: new TokenBucket(options.limits?.up, nowMs),
      transports: options.transports ?? [tcpTransport(world.net)],
      connectionsMax: options.connectionsMax ?? CONNECTIONS_MAX,
      ownAddress: new OwnAddress(),
      connections: 0,
      listening: (transports) => this.#listeners.at(transports),
    };
    this.#listeners = new Listeners(this.#core.transports, {
      infoHashes: () => this.#infoHashes(),
      mayAccept: (remote) => this.#mayAccept(remote),
      accept: (stream) => this.#accept(stream),
    });
    this.#tickedAtMs = nowMs;
    this.#timers.push(world.clock.every(TICK_MS, () => this.#tick()));
    this.#timers.push(world.clock.every(PACE_MS, () => this.#pace()));
  }

  listen(places: readonly Endpoint[]): Promise<Result<undefined, Failure>> {
    return this.#listeners.open(places);
  }

  add(options: TorrentOptions): Result<Torrent, Failure> {
    const peerId = this.#peerId();
    const task = new TorrentTask({
      core: this.#core,
      torrent: options,
      peerId,
      renamed: (renamed) => this.#index.add(renamed),
      closed: (ended) => this.#index.remove(ended),
    });
    const twin = this.#index.twinOf(task);
    if (twin !== undefined) {
      void task.close();
      return err(failure("engine.torrent_exists", { id: twin.id }));
    }
    this.#index.add(task);
    task.start();
    return ok(task);
  }

  torrents(): readonly Torrent[] {
    return [...this.#index.tasks];
  }

  listening(): readonly Endpoint[] {
    return this.#listeners.at(undefined);
  }

  setLimits(limits: RateLimits): void {
    this.#core.down.setRate(limits.down);
    this.#core.up.setRate(limits.up);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    await Promise.all(Array.from(this.#index.tasks, (task) => task.close()));
    await this.#listeners.close();
    for (const transport of this.#core.transports) await transport.close?.();
    await this.#core.stores.close();
  }

  #tick(): void {
    const nowMs = nowOf(this.#core);
    const elapsedMs = nowMs - this.#tickedAtMs;
    this.#tickedAtMs = nowMs;
    for (const task of this.#index.tasks) task.tick(elapsedMs);
  }

  #pace(): void {
    for (const task of this.#index.tasks) if (task.swarm.sessions.size > 0 && task.isLimited) task.swarm.moveAll();
  }

  *#infoHashes(): Generator<Uint8Array> {
    for (const { names } of this.#index.tasks) {
      if (names.v1 !== undefined) yield names.v1;
      if (names.v2 !== undefined) yield names.v2;
    }
  }

  #mayAccept(remote: Endpoint): boolean {
    const { connections, connectionsMax, bans } = this.#core;
    return this.#opening < OPENING_MAX && connections < connectionsMax && !bans.has(remote.host);
  }

  #accept(stream: PeerStream): void {
    let task: TorrentTask | undefined;
    this.#opening++;
    open(
      stream,
      {
        role: "acceptor",
        answer: (infoHash, upgrade) => {
          task = this.#index.find(infoHash);
          return task?.connections.answer(infoHash, stream.remote, stream.transport, upgrade);
        },
      },
      this.#core.world.clock,
      (end) => {
        this.#opening--;
        if ("opened" in end) task?.accepted(end.opened);
      },
    );
  }

  #peerId(): Uint8Array {
    const random = this.#core.world.entropy.bytes(20 - PEER_ID_PREFIX.length);
    return new Uint8Array(Buffer.concat([Buffer.from(PEER_ID_PREFIX, "latin1"), random]));
  }
}
