// Walks towards a target: asks the nearest nodes known, learns of nearer ones, until the eight nearest have answered
// (BEP 5). Pure: the node sends what it says and tells it what came back.

import { formatEndpoint } from "../../domain/address/endpoint.ts";
import type { Contact } from "../../wire/dht/krpc.ts";
import { compareDistance } from "../../wire/dht/node-id.ts";
import { BUCKET_SIZE } from "./routing-table.ts";

/** Questions open at a time. */
const ASKING_MAX = 4;
/** However many nodes are named, a lookup ends. */
const ASKED_MAX = 120;
const CANDIDATES_MAX = 400;

type Candidate = {
  readonly contact: Contact;
  at: "new" | "asked" | "answered" | "silent";
  token: Uint8Array | undefined;
};

export class Lookup {
  readonly target: Uint8Array;
  readonly #candidates: Candidate[] = [];
  readonly #places = new Set<string>();
  #asked = 0;
  #asking = 0;

  constructor(target: Uint8Array, start: readonly Contact[]) {
    this.target = target;
    for (const contact of start) this.learn(contact);
  }

  learn(contact: Contact): void {
    const place = formatEndpoint(contact.endpoint);
    if (this.#places.has(place) || this.#candidates.length >= CANDIDATES_MAX) return;
    this.#places.add(place);
    this.#candidates.push({ contact, at: "new", token: undefined });
    this.#candidates.sort((a, b) => compareDistance(this.target, a.contact.id, b.contact.id));
  }

  /** Whom to ask now; they count as asked. */
  next(): Contact[] {
    const due = this.#due();
    for (const candidate of due) candidate.at = "asked";
    this.#asking += due.length;
    this.#asked += due.length;
    return due.map(({ contact }) => contact);
  }

  get isDone(): boolean {
    return this.#asking === 0 && this.#due().length === 0;
  }

  /** New ones among the eight nearest that are not known to be silent. */
  #due(): Candidate[] {
    const near = this.#candidates.filter(({ at }) => at !== "silent").slice(0, BUCKET_SIZE);
    const free = Math.min(ASKING_MAX - this.#asking, ASKED_MAX - this.#asked);
    return near.filter(({ at }) => at === "new").slice(0, Math.max(0, free));
  }

  answered(contact: Contact, token: Uint8Array | undefined, nodes: readonly Contact[]): void {
    this.#settle(contact, "answered", token);
    for (const node of nodes) this.learn(node);
  }

  silent(contact: Contact): void {
    this.#settle(contact, "silent", undefined);
  }

  /** The nearest nodes that answered with a token: who should keep our announcement. */
  keepers(): { readonly contact: Contact; readonly token: Uint8Array }[] {
    return this.#candidates.flatMap(({ contact, token }) => (token ? [{ contact, token }] : [])).slice(0, BUCKET_SIZE);
  }

  #settle(contact: Contact, at: "answered" | "silent", token: Uint8Array | undefined): void {
    const place = formatEndpoint(contact.endpoint);
    const candidate = this.#candidates.find((one) => formatEndpoint(one.contact.endpoint) === place);
    if (candidate?.at !== "asked") return;
    this.#asking--;
    Object.assign(candidate, { at, token });
  }
}
