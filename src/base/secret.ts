// A secret that cannot slip into a log, an error or a JSON body.

import { timingSafeEqual } from "node:crypto";

export class Secret {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  /** The only way to the text; call it where the secret leaves for the one place that may see it. */
  reveal(): string {
    return this.#text;
  }
  /** Constant-time equality; a difference in length is not hidden. */
  equals(other: Secret): boolean {
    const a = Buffer.from(this.#text);
    const b = Buffer.from(other.#text);
    return a.length === b.length && timingSafeEqual(a, b);
  }
  toJSON(): string {
    return "[secret]";
  }
  toString(): string {
    return "[secret]";
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[secret]";
  }
}
