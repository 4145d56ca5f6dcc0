// The questions that a DHT node has asked and not yet heard the answer to. An answer counts only with the unpredictable
// number of its question, from the address that was asked.

import type { Endpoint } from "../../domain/address/endpoint.ts";
import { formatEndpoint } from "../../domain/address/endpoint.ts";
import type { DhtError, DhtReply } from "../../wire/dht/krpc.ts";
import type { Clock } from "../../world/clock.ts";
import type { Entropy } from "../../world/entropy.ts";

const ANSWER_MS_MAX = 2_500;
const OPEN_MAX = 500;
const TRANSACTION_BYTES = 4;

type Open = { readonly to: string; readonly settle: (answer: DhtReply | undefined) => void };

export class Questions {
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #open = new Map<string, Open>();
  #closed = false;

  constructor(clock: Clock, entropy: Entropy) {
    this.#clock = clock;
    this.#entropy = entropy;
  }

  /** Undefined when no answer came in time, it was an error, or too many questions are open. */
  ask(to: Endpoint, send: (transaction: Uint8Array) => void): Promise<DhtReply | undefined> {
    if (this.#closed || this.#open.size >= OPEN_MAX) return Promise.resolve(undefined);
    const transaction = this.#entropy.bytes(TRANSACTION_BYTES);
    const key = Buffer.from(transaction).toString("latin1");
    return new Promise((resolve) => {
      const timer = this.#clock.after(ANSWER_MS_MAX, () => settle(undefined));
      const settle = (answer: DhtReply | undefined) => {
        timer.cancel();
        this.#open.delete(key);
        resolve(answer);
      };
      this.#open.set(key, { to: formatEndpoint(to), settle });
      send(transaction);
    });
  }

  /** True when the message answers a question of ours. */
  answered(message: DhtReply | DhtError, from: Endpoint): boolean {
    const open = this.#open.get(Buffer.from(message.transaction).toString("latin1"));
    if (open?.to !== formatEndpoint(from)) return false;
    open.settle(message.kind === "reply" ? message : undefined);
    return true;
  }

  close(): void {
    this.#closed = true;
    for (const { settle } of this.#open.values()) settle(undefined);
  }
}
