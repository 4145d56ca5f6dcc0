// Collects a short answer: never more than its limit, packed or unpacked.

import { gunzipSync } from "node:zlib";
import type { HttpHead } from "../../world/http.ts";

export class BoundedBody {
  readonly #bytesMax: number;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #overflowed = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** False when it has become too much (H88). */
  add(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    this.#overflowed ||= this.#bytes > this.#bytesMax;
    if (!this.#overflowed) this.#chunks.push(Uint8Array.from(chunk));
    return !this.#overflowed;
  }

  /** The whole body; undefined when it was too long, is packed in an unknown way, or unpacks to too much (H81). */
  read(head: HttpHead): Uint8Array | undefined {
    if (this.#overflowed) return undefined;
    const body = Buffer.concat(this.#chunks);
    const encoding = head.headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
    if (encoding === "identity" || encoding === "") return body;
    if (encoding !== "gzip" && encoding !== "x-gzip") return undefined;
    try {
      return gunzipSync(body, { maxOutputLength: this.#bytesMax });
    } catch {
      return undefined;
    }
  }
}
