// Answers the queries of other nodes. A stranger's source address may be forged, so until an address has proven itself by
// answering us, we send it no more bytes than it sent (H71): short answers at once, long ones after it has answered a ping.

import { type Endpoint, formatEndpoint } from "../../domain/address/endpoint.ts";
import { type AddressFamily, familyOfHost } from "../../wire/compact/address.ts";
import { type DhtItem, isSigned } from "../../wire/dht/item.ts";
import {
  type Contact,
  type DhtMisfit,
  type DhtQuery,
  type DhtReply,
  writeError,
  writeReply,
} from "../../wire/dht/krpc.ts";
import type { AnnounceTokens } from "./announce-tokens.ts";
import type { ItemStore } from "./item-store.ts";
import type { PeerStore } from "./peer-store.ts";

export type ResponderParts = {
  readonly ownId: () => Uint8Array;
  readonly nearest: (target: Uint8Array, family: AddressFamily) => readonly Contact[];
  readonly tokens: AnnounceTokens;
  readonly peers: PeerStore;
  readonly items: ItemStore;
  readonly send: (bytes: Uint8Array, to: Endpoint) => void;
  /** Asks the address to prove itself; the promise tells whether it answered. */
  readonly challenge: (to: Endpoint) => Promise<boolean>;
  readonly nowMs: () => number;
};

const VALUES_MAX = 50;
const PROVEN_MS = 10 * 60_000;
const PROVEN_MAX = 5_000;
const CHALLENGES_MAX = 50;
/** Of one host, and of all: a flood is not answered faster than this. */
const ANSWERS_PER_SECOND_HOST = 20;
const ANSWERS_PER_SECOND = 400;

export class Responder {
  readonly #parts: ResponderParts;
  readonly #proven = new Map<string, number>();
  readonly #challenged = new Set<string>();
  #second = 0;
  #answers = 0;
  #answersByHost = new Map<string, number>();

  constructor(parts: ResponderParts) {
    this.#parts = parts;
  }

  /** The address answered a question with an unpredictable number: datagrams to it arrive. */
  proven(endpoint: Endpoint): void {
    const place = formatEndpoint(endpoint);
    this.#proven.delete(place);
    this.#proven.set(place, this.#parts.nowMs());
    const [oldest] = this.#proven.keys();
    if (this.#proven.size > PROVEN_MAX && oldest !== undefined) this.#proven.delete(oldest);
  }

  refuse(misfit: DhtMisfit, from: Endpoint, requestBytes: number): void {
    const bytes = writeError(misfit.transaction, misfit.error);
    if (this.#mayAnswer(from) && (bytes.length <= requestBytes || this.#isProven(from))) this.#parts.send(bytes, from);
  }

  answer(query: DhtQuery, from: Endpoint, requestBytes: number): void {
    if (!this.#mayAnswer(from)) return;
    const full = this.#fullAnswer(query, from);
    const asksForNodes = query.method === "find_node" || query.method === "get_peers" || query.method === "get";
    // Pings are answered at once: two strangers that wait for each other's proof would wait for ever. Whoever asks for nodes
    // proves its address even where the answer is short, because that is how a young node learns of others.
    if (this.#isProven(from) || (!asksForNodes && full.length <= requestBytes)) this.#parts.send(full, from);
    else if (asksForNodes && query.readOnly) this.#parts.send(this.#shortAnswer(query, from, requestBytes), from);
    else void this.#answerAfterProof(full, from, requestBytes);
  }

  async #answerAfterProof(full: Uint8Array, from: Endpoint, requestBytes: number): Promise<void> {
    const place = formatEndpoint(from);
    if (this.#challenged.has(place) || this.#challenged.size >= CHALLENGES_MAX || requestBytes < PING_BYTES_MAX) return;
    this.#challenged.add(place);
    const answered = await this.#parts.challenge(from);
    this.#challenged.delete(place);
    if (answered) this.#parts.send(full, from);
  }

  #fullAnswer(query: DhtQuery, from: Endpoint): Uint8Array {
    if (query.method === "announce_peer") return this.#keep(query, from);
    if (query.method === "put") return this.#keepItem(query, from);
    if (query.method === "ping") return writeReply(this.#reply(query, this.#isProven(from) ? { seenAs: from } : {}));
    const families = query.want.length > 0 ? query.want : [familyOfHost(from.host)];
    const known = families.flatMap((family) => this.#parts.nearest(query.target, family));
    const nodes = known.filter(({ endpoint }) => formatEndpoint(endpoint) !== formatEndpoint(from));
    if (query.method === "find_node") return writeReply(this.#reply(query, { nodes, seenAs: from }));
    if (query.method === "get") {
      const item = this.#itemFor(query);
      return writeReply(this.#reply(query, { nodes, item, token: this.#tokenFor(from), seenAs: from }));
    }
    const own = this.#parts.peers.peers(query.target, this.#parts.nowMs());
    // BEP 32: addresses of the family that the question came over.
    const values = own.filter((peer) => familyOfHost(peer.host) === familyOfHost(from.host)).slice(0, VALUES_MAX);
    return writeReply(this.#reply(query, { nodes, values, token: this.#tokenFor(from), seenAs: from }));
  }

  /** For read-only nodes, which answer no ping: what fits into the size of their question. */
  #shortAnswer(query: DhtQuery, from: Endpoint, requestBytes: number): Uint8Array {
    const token = query.method === "get_peers" || query.method === "get" ? this.#tokenFor(from) : undefined;
    const small = writeReply(this.#reply(query, { token }));
    return small.length <= requestBytes ? small : writeReply(this.#reply(query, {}));
  }

  #keep(query: Extract<DhtQuery, { method: "announce_peer" }>, from: Endpoint): Uint8Array {
    const nowMs = this.#parts.nowMs();
    // H68: without our token the address may be anybody's.
    if (!this.#parts.tokens.isGood(query.token, from.host, nowMs)) return writeError(query.transaction, "protocol");
    this.#parts.peers.add(query.target, { host: from.host, port: query.port ?? from.port }, nowMs);
    return writeReply(this.#reply(query, {}));
  }

  #keepItem(query: Extract<DhtQuery, { method: "put" }>, from: Endpoint): Uint8Array {
    const { transaction, item } = query;
    const nowMs = this.#parts.nowMs();
    if (!this.#parts.tokens.isGood(query.token, from.host, nowMs)) return writeError(transaction, "protocol");
    if (!isSigned(item)) return writeError(transaction, "signature");
    const outcome = this.#parts.items.put(item, query.compare, nowMs);
    return outcome === "stored" ? writeReply(this.#reply(query, {})) : writeError(transaction, outcome);
  }

  #itemFor(query: Extract<DhtQuery, { method: "get" }>): DhtItem | undefined {
    const item = this.#parts.items.get(query.target, this.#parts.nowMs());
    const sequence = item?.mutable?.sequence;
    const isNews = sequence === undefined || query.newerThan === undefined || sequence > query.newerThan;
    return isNews ? item : undefined;
  }

  #reply(query: DhtQuery, more: Partial<Pick<DhtReply, "nodes" | "values" | "token" | "seenAs" | "item">>): DhtReply {
    const { transaction } = query;
    const nothing = { nodes: [], values: [], token: undefined, seenAs: undefined };
    return { kind: "reply", transaction, id: this.#parts.ownId(), ...nothing, ...more };
  }

  #tokenFor(from: Endpoint): Uint8Array {
    return this.#parts.tokens.tokenFor(from.host, this.#parts.nowMs());
  }

  #isProven(endpoint: Endpoint): boolean {
    const sinceMs = this.#proven.get(formatEndpoint(endpoint));
    return sinceMs !== undefined && this.#parts.nowMs() - sinceMs < PROVEN_MS;
  }

  #mayAnswer(from: Endpoint): boolean {
    const second = Math.floor(this.#parts.nowMs() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#answers = 0;
      this.#answersByHost = new Map();
    }
    const byHost = (this.#answersByHost.get(from.host) ?? 0) + 1;
    this.#answersByHost.set(from.host, byHost);
    return ++this.#answers <= ANSWERS_PER_SECOND && byHost <= ANSWERS_PER_SECOND_HOST;
  }
}

/** A ping of ours with a transaction of four bytes. */
const PING_BYTES_MAX = 58;
