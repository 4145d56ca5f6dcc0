// A network that exists only in memory: hosts with a rate and a distance, loss, and walls between groups of hosts.

import { failure } from "../../base/failure.ts";
import { err, ok } from "../../base/result.ts";
import { type Endpoint, formatEndpoint } from "../../domain/address/endpoint.ts";
import type { Listener, Net, UdpHandlers } from "../net.ts";
import type { SimClock } from "./clock.ts";
import type { SeededRandom } from "./random.ts";
import { connectedPair, type SimTcpSocket } from "./tcp.ts";
import { Uplink } from "./uplink.ts";

export type SimNetOptions = {
  /** One way, between any two hosts. */
  readonly latencyMs: number;
  /** Of each host, each way, in bytes a second. */
  readonly bytesPerSecond: number;
  /** The way out, where it is slower than the way in. */
  readonly uplinkBytesPerSecond?: number | undefined;
  /** Share of packets that are lost, 0 to 1. TCP repairs its losses itself: they come late, and all behind them. */
  readonly lossRate: number;
  /** What one connection sends before the next one's turn: less than usual where content and rate are scaled down. */
  readonly turnBytes?: number | undefined;
};

type ListeningTcp = {
  readonly mayAccept: (remote: Endpoint) => boolean;
  readonly accept: (socket: SimTcpSocket) => void;
};

const EPHEMERAL_PORT_MIN = 49_152;
/** As long as Linux waits for an answer to a connection attempt that is swallowed on the way. */
const CONNECT_MS_MAX = 127_000;
/** RFC 6298 asks for a second; Linux waits this long (TCP_RTO_MIN). */
const RESEND_MS_MIN = 200;
/** The UDP payload that fits an Ethernet frame, and what each datagram adds on the wire. */
const DATAGRAM_HEADER_BYTES = 28;

export class SimNet {
  readonly clock: SimClock;
  readonly options: SimNetOptions;
  readonly #random: SeededRandom;
  readonly #tcp = new Map<string, ListeningTcp>();
  readonly #udp = new Map<string, UdpHandlers>();
  readonly #sockets = new Set<SimTcpSocket>();
  readonly #uplinks = new Map<string, Uplink>();
  /** Until when each host's way in is taken. */
  readonly #downlinks = new Map<string, number>();
  readonly #walls = new Map<string, number>();
  #nextPort = EPHEMERAL_PORT_MIN;

  constructor(clock: SimClock, random: SeededRandom, options: SimNetOptions) {
    this.clock = clock;
    this.options = options;
    this.#random = random;
  }

  /** The port to this network as one host sees it. */
  host(address: string): Net {
    return {
      dialTcp: (remote, signal) => this.#dial(address, remote, signal),
      listenTcp: async (at, mayAccept, accept) => {
        const bound = this.#bind(address, at, this.#tcp);
        if (!bound.ok) return bound;
        const key = formatEndpoint(bound.value);
        this.#tcp.set(key, { mayAccept, accept });
        const listener: Listener = {
          at: bound.value,
          close: async () => {
            this.#tcp.delete(key);
          },
        };
        return ok(listener);
      },
      bindUdp: async (at, handlers) => {
        const bound = this.#bind(address, at, this.#udp);
        if (!bound.ok) return bound;
        const key = formatEndpoint(bound.value);
        this.#udp.set(key, handlers);
        return ok({
          at: bound.value,
          send: (bytes: Uint8Array, to: Endpoint) => this.#sendDatagram(bytes, bound.value, to),
          joinGroup: () => err(failure("engine.listen_failed", { at: key, why: "no multicast here" })),
          close: () => {
            this.#udp.delete(key);
          },
        });
      },
    };
  }

  /** Puts hosts behind a wall: groups with different numbers cannot reach one another until `heal`. */
  partition(address: string, group: number): void {
    this.#walls.set(address, group);
  }

  heal(): void {
    this.#walls.clear();
    for (const socket of this.#sockets) socket.retry();
  }

  /** The host's machine is switched off: its sockets are gone and its peers are told nothing. */
  crash(address: string): void {
    for (const key of [...this.#tcp.keys(), ...this.#udp.keys()]) {
      if (!key.startsWith(`${address}:`)) continue;
      this.#tcp.delete(key);
      this.#udp.delete(key);
    }
    for (const socket of this.#sockets) if (socket.localHost === address) socket.vanish();
  }

  reachable(from: string, to: string): boolean {
    return (this.#walls.get(from) ?? 0) === (this.#walls.get(to) ?? 0);
  }

  uplink(host: string): Uplink {
    let uplink = this.#uplinks.get(host);
    if (uplink === undefined) {
      const { bytesPerSecond, uplinkBytesPerSecond = bytesPerSecond, turnBytes } = this.options;
      uplink = new Uplink(this.clock, uplinkBytesPerSecond, turnBytes);
      this.#uplinks.set(host, uplink);
    }
    return uplink;
  }

  /** When the last of these bytes has come through the host's own link; it would be now if the link were free. */
  arrivesAtMs(host: string, bytes: number): number {
    const takesMs = (bytes * 1000) / this.options.bytesPerSecond;
    const startMs = Math.max(this.clock.monotonicMs() - takesMs, this.#downlinks.get(host) ?? 0);
    this.#downlinks.set(host, startMs + takesMs);
    return startMs + takesMs;
  }

  /** How much later a TCP packet comes because it had to be sent again. */
  repairMs(): number {
    const { lossRate, latencyMs } = this.options;
    return lossRate > 0 && this.#random.fraction() < lossRate ? RESEND_MS_MIN + 2 * latencyMs : 0;
  }

  forget(socket: SimTcpSocket): void {
    this.#sockets.delete(socket);
  }

  #bind(address: string, at: Endpoint, taken: ReadonlyMap<string, unknown>) {
    const wanted: Endpoint = { host: address, port: at.port === 0 ? this.#nextPort++ : at.port };
    if (!taken.has(formatEndpoint(wanted))) return ok(wanted);
    return err(failure("engine.listen_failed", { at: formatEndpoint(wanted), why: "port-taken" }));
  }

  #dial(address: string, remote: Endpoint, signal: AbortSignal): ReturnType<Net["dialTcp"]> {
    return new Promise((resolve) => {
      const refuse = (why: string) =>
        resolve(err(failure("engine.peer_unreachable", { peer: formatEndpoint(remote), why })));
      if (signal.aborted) return refuse("timed-out");
      signal.addEventListener("abort", () => refuse("timed-out"), { once: true });
      if (!this.reachable(address, remote.host)) {
        this.clock.after(CONNECT_MS_MAX, () => refuse("timed-out"));
        return;
      }
      this.clock.after(2 * this.options.latencyMs, () => {
        const listening = this.#tcp.get(formatEndpoint(remote));
        const local: Endpoint = { host: address, port: this.#nextPort++ };
        if (signal.aborted) return;
        if (listening === undefined || !listening.mayAccept(local)) return refuse("refused");
        const [dialled, accepted] = connectedPair(this, local, remote);
        this.#sockets.add(dialled).add(accepted);
        resolve(ok(dialled));
        listening.accept(accepted);
      });
    });
  }

  #sendDatagram(bytes: Uint8Array, from: Endpoint, to: Endpoint): void {
    const copy = Uint8Array.from(bytes);
    let waitingBytes = bytes.length + DATAGRAM_HEADER_BYTES;
    this.uplink(from.host).join({
      nextBytes: () => waitingBytes,
      left: () => {
        waitingBytes = 0;
        if (this.#random.fraction() < this.options.lossRate) return;
        // Datagrams are small: the receiver's own link is not modelled for them.
        this.clock.after(this.options.latencyMs, () => {
          if (this.reachable(from.host, to.host)) this.#udp.get(formatEndpoint(to))?.onMessage(copy, from);
        });
      },
    });
  }
}
