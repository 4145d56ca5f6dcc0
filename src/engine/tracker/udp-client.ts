// Talks to UDP trackers over one socket per address family. A reply counts only when it comes from the address that was
// asked and carries the unpredictable number of the question (H80).

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Endpoint, formatEndpoint } from "../../domain/address/endpoint.ts";
import { type AddressFamily, familyOfHost } from "../../wire/compact/address.ts";
import type { AnnounceReply, AnnounceRequest, ScrapeReply } from "../../wire/tracker/announce.ts";
import {
  CONNECTION_LIFE_MS,
  encodeAnnounce,
  encodeConnect,
  encodeScrape,
  readUdpReply,
  transactionOf,
  type UdpReply,
} from "../../wire/tracker/udp-tracker.ts";
import type { Clock } from "../../world/clock.ts";
import type { Entropy } from "../../world/entropy.ts";
import type { Net, UdpSocket } from "../../world/net.ts";

export type UdpWorld = { readonly clock: Clock; readonly entropy: Entropy; readonly net: Net };

// BEP 15 doubles from 15 s; a tier has other trackers, so three tries within half a minute are enough.
const PATIENCE_MS = [4_000, 8_000, 16_000] as const;
const CONNECTIONS_MAX = 1_000;

type Waiting = { readonly from: string; readonly take: (reply: UdpReply) => void };

export class UdpTrackerClient {
  readonly #world: UdpWorld;
  readonly #sockets = new Map<AddressFamily, Promise<Result<UdpSocket, Failure>>>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #connections = new Map<string, { readonly id: bigint; readonly untilMs: number }>();

  constructor(world: UdpWorld) {
    this.#world = world;
  }

  /** Failure codes: engine.tracker_failed, engine.tracker_refused. */
  async announce(
    tracker: Endpoint,
    path: string,
    request: AnnounceRequest,
    signal: AbortSignal,
  ): Promise<Result<AnnounceReply, Failure>> {
    const reply = await this.#query(tracker, signal, (about) => encodeAnnounce({ ...about, request, path }));
    if (!reply.ok) return reply;
    return reply.value.kind === "announced" ? ok(reply.value.reply) : err(failed(tracker, "no answer"));
  }

  /** Failure code: engine.tracker_failed. */
  async scrape(tracker: Endpoint, infoHash: Uint8Array, signal: AbortSignal): Promise<Result<ScrapeReply, Failure>> {
    const reply = await this.#query(tracker, signal, (about) => encodeScrape({ ...about, infoHash }));
    if (!reply.ok) return reply;
    return reply.value.kind === "scraped" ? ok(reply.value.reply) : err(failed(tracker, "no answer"));
  }

  /** Asks under an id that the tracker gives us first, and again with a new one while there is no answer. */
  async #query(
    tracker: Endpoint,
    signal: AbortSignal,
    packetFor: (about: { readonly connection: bigint; readonly transaction: number }) => Uint8Array,
  ): Promise<Result<UdpReply, Failure>> {
    // A socket that is opened after `close` is closed by nobody, and keeps the whole program running.
    if (signal.aborted) return err(failed(tracker, "no answer"));
    const socket = await this.#socket(familyOfHost(tracker.host));
    if (!socket.ok) return err(failed(tracker, "no UDP port could be opened for it", socket.error));
    const key = formatEndpoint(tracker);
    for (const patienceMs of PATIENCE_MS) {
      const connection = this.#connectionOf(key) ?? (await this.#connect(socket.value, tracker, patienceMs, signal));
      if (signal.aborted) break;
      if (connection === undefined) continue;
      if (typeof connection === "object") return err(connection);
      const reply = await this.#ask(socket.value, tracker, patienceMs, signal, (transaction) =>
        packetFor({ connection, transaction }),
      );
      if (reply?.kind === "announced" || reply?.kind === "scraped") return ok(reply);
      // The tracker may have forgotten the id, or restarted: the next try gets a new one.
      this.#connections.delete(key);
      if (reply?.kind === "refused") return err(refused(tracker, reply.message));
    }
    return err(failed(tracker, "no answer"));
  }

  async close(): Promise<void> {
    for (const opening of this.#sockets.values()) {
      const socket = await opening;
      if (socket.ok) socket.value.close();
    }
    this.#sockets.clear();
  }

  #connectionOf(key: string): bigint | undefined {
    const known = this.#connections.get(key);
    return known && known.untilMs > this.#world.clock.monotonicMs() ? known.id : undefined;
  }

  async #connect(
    socket: UdpSocket,
    tracker: Endpoint,
    patienceMs: number,
    signal: AbortSignal,
  ): Promise<bigint | Failure | undefined> {
    const reply = await this.#ask(socket, tracker, patienceMs, signal, encodeConnect);
    if (reply?.kind === "refused") return refused(tracker, reply.message);
    if (reply?.kind !== "connected") return undefined;
    const [oldest] = this.#connections.keys();
    if (oldest !== undefined && this.#connections.size >= CONNECTIONS_MAX) this.#connections.delete(oldest);
    const untilMs = this.#world.clock.monotonicMs() + CONNECTION_LIFE_MS;
    this.#connections.set(formatEndpoint(tracker), { id: reply.connection, untilMs });
    return reply.connection;
  }

  async #ask(
    socket: UdpSocket,
    tracker: Endpoint,
    patienceMs: number,
    signal: AbortSignal,
    packetFor: (transaction: number) => Uint8Array,
  ): Promise<UdpReply | undefined> {
    if (signal.aborted) return undefined;
    const transaction = this.#unusedTransaction();
    const { promise, resolve } = Promise.withResolvers<UdpReply | undefined>();
    const timer = this.#world.clock.after(patienceMs, () => resolve(undefined));
    const onAbort = () => resolve(undefined);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#waiting.set(transaction, { from: formatEndpoint(tracker), take: resolve });
    socket.send(packetFor(transaction), tracker);
    const reply = await promise;
    timer.cancel();
    signal.removeEventListener("abort", onAbort);
    this.#waiting.delete(transaction);
    return reply;
  }

  #unusedTransaction(): number {
    for (;;) {
      const transaction = Buffer.from(this.#world.entropy.bytes(4)).readUInt32BE(0);
      if (!this.#waiting.has(transaction)) return transaction;
    }
  }

  /** One for all trackers of a family; where it could not be opened the next question tries again. */
  async #socket(family: AddressFamily): Promise<Result<UdpSocket, Failure>> {
    const at = { host: family === 4 ? "0.0.0.0" : "::", port: 0 };
    const onMessage = (bytes: Uint8Array, from: Endpoint) => this.#received(bytes, from, family);
    const opening = this.#sockets.get(family) ?? this.#world.net.bindUdp(at, { onMessage });
    this.#sockets.set(family, opening);
    const socket = await opening;
    if (!socket.ok) this.#sockets.delete(family);
    return socket;
  }

  #received(bytes: Uint8Array, from: Endpoint, family: AddressFamily): void {
    const transaction = transactionOf(bytes);
    const waiting = transaction === undefined ? undefined : this.#waiting.get(transaction);
    if (waiting?.from !== formatEndpoint(from)) return;
    const reply = readUdpReply(bytes, family);
    if (reply) waiting.take(reply);
  }
}

function failed(tracker: Endpoint, why: string, cause?: Failure): Failure {
  return failure("engine.tracker_failed", { host: formatEndpoint(tracker), why }, cause);
}

function refused(tracker: Endpoint, why: string): Failure {
  return failure("engine.tracker_refused", { host: formatEndpoint(tracker), why });
}
