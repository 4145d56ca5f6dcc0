// Two uTP sockets joined by a simulated road, for the tests of this folder.

import { present } from "../../../base/assert.ts";
import type { Endpoint } from "../../../domain/address/endpoint.ts";
import { SimClock } from "../../../world/sim/clock.ts";
import { SeededEntropy } from "../../../world/sim/entropy.ts";
import { SeededRandom } from "../../../world/sim/random.ts";
import { RoughLink, type RoughLinkOptions, SMOOTH_ROAD } from "../../../world/sim/rough-link.ts";
import type { PeerStream } from "../transport.ts";
import { UtpSocket } from "./socket.ts";
import type { UtpStream } from "./stream.ts";

export const ALICE: Endpoint = { host: "10.0.0.1", port: 1 };
export const BOB: Endpoint = { host: "10.0.0.2", port: 2 };

/** One end: sends what it was given as fast as it may and keeps what it gets. */
export class Side {
  readonly received: Buffer[] = [];
  closedWhy: string | undefined;
  receivedBytes = 0;
  readonly #stream: PeerStream;
  #left: Uint8Array;

  constructor(stream: PeerStream, toSend: Uint8Array) {
    this.#stream = stream;
    this.#left = toSend;
    stream.start({
      onData: (bytes) => {
        this.received.push(Buffer.from(bytes));
        this.receivedBytes += bytes.length;
      },
      onDrain: () => this.#more(),
      onClose: (why) => {
        this.closedWhy = why;
      },
    });
    this.#more();
  }

  get stream(): PeerStream {
    return this.#stream;
  }

  bytes(): Buffer {
    return Buffer.concat(this.received);
  }

  #more(): void {
    while (this.#left.length > 0 && this.#stream.unsentBytes < 100_000) {
      this.#stream.write(this.#left.subarray(0, 16_397));
      this.#left = this.#left.subarray(16_397);
    }
  }
}

/** Two uTP sockets and a rough link each way. */
export class Road {
  readonly clock = new SimClock();
  readonly random: SeededRandom;
  readonly there: RoughLink;
  readonly back: RoughLink;
  readonly alice: UtpSocket;
  readonly bob: UtpSocket;
  readonly accepted: PeerStream[] = [];
  readonly #seed: number;

  constructor(options: Partial<RoughLinkOptions> = {}, seed = 1) {
    this.#seed = seed;
    this.random = new SeededRandom(seed);
    const link = { ...SMOOTH_ROAD, ...options };
    this.there = new RoughLink(this.clock, this.random, link);
    this.back = new RoughLink(this.clock, this.random, link);
    this.alice = this.#socket(1, this.there, () => this.bob, ALICE);
    this.bob = this.#socket(2, this.back, () => this.alice, BOB);
  }

  #socket(salt: number, link: RoughLink, other: () => UtpSocket, from: Endpoint): UtpSocket {
    const world = {
      clock: this.clock,
      entropy: new SeededEntropy(this.#seed * 7 + salt),
      turn: {
        end: (callback: () => void) => {
          this.clock.after(0, callback);
        },
      },
    };
    const udp = {
      send: (bytes: Uint8Array) => link.send(bytes, (copy) => other().receive(copy, from)),
      close: () => undefined,
    };
    return new UtpSocket(world, udp, { mayAccept: () => true, accept: (stream) => this.accepted.push(stream) });
  }

  dial(): UtpStream {
    return present(
      this.alice.dial(BOB, () => undefined),
      "room for one",
    );
  }

  /** Alice sends her bytes and Bob his; runs until both have arrived or time is up. */
  async exchange(fromAlice: Uint8Array, fromBob: Uint8Array, secondsMax: number) {
    const alice = new Side(this.dial(), fromAlice);
    for (let ms = 0; this.accepted.length === 0 && ms < 10_000; ms += 50) await this.clock.advance(50);
    const bob = new Side(present(this.accepted[0], "an accepted stream"), fromBob);
    const startMs = this.clock.monotonicMs();
    const isDone = () => alice.receivedBytes >= fromBob.length && bob.receivedBytes >= fromAlice.length;
    while (!isDone() && this.clock.monotonicMs() - startMs < secondsMax * 1000) await this.clock.advance(10);
    return { alice, bob, seconds: (this.clock.monotonicMs() - startMs) / 1000 };
  }
}

export function noise(count: number, seed: number): Uint8Array {
  return new SeededEntropy(seed).bytes(count);
}
