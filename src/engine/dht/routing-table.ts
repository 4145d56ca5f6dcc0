// The nodes that a DHT node knows, of one address family: many near its own id, few far away (BEP 5).

import { present } from "../../base/assert.ts";
import { formatEndpoint } from "../../domain/address/endpoint.ts";
import { scopeOf } from "../../domain/address/scope.ts";
import type { Contact } from "../../wire/dht/krpc.ts";
import { compareDistance, idFitsAddress, NODE_ID_BYTES, sharedBits } from "../../wire/dht/node-id.ts";

export const BUCKET_SIZE = 8;
const FAILURES_MAX = 2;
/** BEP 5: a node that was silent for so long has to be asked again. */
const QUESTIONABLE_MS = 15 * 60_000;

type Known = Contact & { heardMs: number; failures: number };

export class RoutingTable {
  readonly ownId: Uint8Array;
  readonly #buckets: Known[][] = Array.from({ length: NODE_ID_BYTES * 8 + 1 }, () => []);

  constructor(ownId: Uint8Array) {
    this.ownId = ownId;
  }

  get size(): number {
    return this.#buckets.reduce((sum, bucket) => sum + bucket.length, 0);
  }

  /** A node answered us: it is where it says it is. */
  heard(contact: Contact, nowMs: number): void {
    // H74: an id that does not belong to its address was chosen by somebody. Private addresses are exempt (BEP 42).
    if (scopeOf(contact.endpoint.host) === "public" && !idFitsAddress(contact.id, contact.endpoint.host)) return;
    if (sharedBits(this.ownId, contact.id) === NODE_ID_BYTES * 8) return;
    const bucket = this.#bucketOf(contact.id);
    const place = formatEndpoint(contact.endpoint);
    const known = bucket.find((one) => compareDistance(this.ownId, one.id, contact.id) === 0);
    if (known) {
      // The same id from elsewhere: the one that we know keeps it while it answers.
      if (formatEndpoint(known.endpoint) === place) Object.assign(known, { heardMs: nowMs, failures: 0 });
      return;
    }
    // One host, one node: a thousand ids on one machine take one place (H73).
    if (bucket.some((one) => one.endpoint.host === contact.endpoint.host && scopeOf(one.endpoint.host) === "public"))
      return;
    const fresh = { id: Uint8Array.from(contact.id), endpoint: contact.endpoint, heardMs: nowMs, failures: 0 };
    if (bucket.length < BUCKET_SIZE) {
      bucket.push(fresh);
      return;
    }
    const weak = bucket.findIndex((one) => one.failures > 0 || nowMs - one.heardMs > QUESTIONABLE_MS);
    if (weak >= 0) bucket[weak] = fresh;
  }

  /** A node did not answer. */
  missed(contact: Contact): void {
    const bucket = this.#bucketOf(contact.id);
    const at = bucket.findIndex((one) => formatEndpoint(one.endpoint) === formatEndpoint(contact.endpoint));
    const known = bucket[at];
    if (known && ++known.failures >= FAILURES_MAX) bucket.splice(at, 1);
  }

  nearest(target: Uint8Array, count = BUCKET_SIZE): Contact[] {
    return this.contacts()
      .sort((a, b) => compareDistance(target, a.id, b.id))
      .slice(0, count);
  }

  contacts(): Contact[] {
    return this.#buckets.flat().map(({ id, endpoint }) => ({ id, endpoint }));
  }

  /** The node that was silent longest, when it is time to ask whether it is still there. */
  questionable(nowMs: number): Contact | undefined {
    const silent = this.#buckets.flat().filter((one) => nowMs - one.heardMs > QUESTIONABLE_MS);
    return silent.sort((a, b) => a.heardMs - b.heardMs)[0];
  }

  #bucketOf(id: Uint8Array): Known[] {
    return present(this.#buckets[sharedBits(this.ownId, id)], "a bucket");
  }
}
