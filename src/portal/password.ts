// Passwords: argon2id, at most two at a time, so that a crowd at the door cannot take the machine.

import { type Argon2Parameters, argon2, timingSafeEqual } from "node:crypto";
import type { Entropy } from "../world/entropy.ts";

export type PasswordCost = { readonly memoryKiB: number; readonly passes: number };

/** OWASP's second recommendation for argon2id (19 MiB, two passes, one lane); 27 ms on the reference machine. */
export const PASSWORD_COST: PasswordCost = { memoryKiB: 19_456, passes: 2 };

const RUNNING_MAX = 2;
const WAITING_MAX = 64;
const TAG_BYTES = 32;
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=1\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

export class PasswordHasher {
  readonly #entropy: Entropy;
  readonly #cost: PasswordCost;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(entropy: Entropy, cost: PasswordCost) {
    this.#entropy = entropy;
    this.#cost = cost;
  }

  /** A PHC string; undefined when too many wait already. */
  async hash(password: string): Promise<string | undefined> {
    const nonce = this.#entropy.bytes(16);
    const tag = await this.#derive(password, nonce, this.#cost);
    if (tag === "busy") return undefined;
    const { memoryKiB, passes } = this.#cost;
    return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=1$${unpadded(nonce)}$${unpadded(tag)}`;
  }

  /** Takes as long without a stored password: whether an account exists does not show in the time. */
  async matches(stored: string | null, password: string): Promise<boolean | "busy"> {
    const parts = stored === null ? null : PHC.exec(stored);
    if (parts === null) {
      return (await this.#derive(password, this.#entropy.bytes(16), this.#cost)) === "busy" ? "busy" : false;
    }
    const [, memoryKiB, passes, nonce = "", tag = ""] = parts;
    const cost = { memoryKiB: Number(memoryKiB), passes: Number(passes) };
    const derived = await this.#derive(password, Buffer.from(nonce, "base64"), cost);
    if (derived === "busy") return "busy";
    const expected = Buffer.from(tag, "base64");
    return expected.length === derived.length && timingSafeEqual(expected, derived);
  }

  async #derive(password: string, nonce: Uint8Array, cost: PasswordCost): Promise<Buffer | "busy"> {
    if (this.#running >= RUNNING_MAX) {
      if (this.#waiting.length >= WAITING_MAX) return "busy";
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await derive({
        // NFC, because keyboards differ in how they compose what looks alike.
        message: Buffer.from(password.normalize("NFC")),
        nonce,
        parallelism: 1,
        tagLength: TAG_BYTES,
        memory: cost.memoryKiB,
        passes: cost.passes,
      });
    } finally {
      // The place passes to the next in the queue without being free in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

function derive(parameters: Argon2Parameters): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2("argon2id", parameters, (error, tag) => (error === null ? resolve(tag) : reject(error)));
  });
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replaceAll("=", "");
}
