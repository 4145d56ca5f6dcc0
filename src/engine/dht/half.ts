// A DHT node of one address family: its socket, its id, its table. A node that speaks IPv4 and IPv6 has two of them
// (BEP 32).

import type { Failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import { scopeOf } from "../../domain/address/scope.ts";
import type { AddressFamily } from "../../wire/compact/address.ts";
import { type Contact, type DhtReply, readDhtMessage, writeQuery } from "../../wire/dht/krpc.ts";
import { idFitsAddress, idForAddress, NODE_ID_BYTES } from "../../wire/dht/node-id.ts";
import type { Clock } from "../../world/clock.ts";
import type { Entropy } from "../../world/entropy.ts";
import type { Net, UdpSocket } from "../../world/net.ts";
import type { AnnounceTokens } from "./announce-tokens.ts";
import type { ItemStore } from "./item-store.ts";
import { Lookup } from "./lookup.ts";
import type { PeerStore } from "./peer-store.ts";
import { Questions } from "./questions.ts";
import { Responder } from "./responder.ts";
import { RoutingTable } from "./routing-table.ts";

export type HalfWorld = { readonly clock: Clock; readonly entropy: Entropy; readonly net: Net };

export type HalfOptions = {
  readonly family: AddressFamily;
  readonly at: Endpoint;
  readonly id: Uint8Array | undefined;
  /** BEP 43: ask, but answer nobody. */
  readonly readOnly: boolean;
  readonly tokens: AnnounceTokens;
  readonly peers: PeerStore;
  readonly items: ItemStore;
  /** Nodes of the other family, for askers that want both. */
  readonly nearestOfOther: (target: Uint8Array) => readonly Contact[];
};

/** So many hosts must agree on our address before we believe it (BEP 42). */
const VOTES_NEEDED = 4;

export class DhtHalf {
  readonly family: AddressFamily;
  readonly #options: HalfOptions;
  readonly #world: HalfWorld;
  readonly #questions: Questions;
  readonly #responder: Responder;
  readonly #votes = new Map<string, Set<string>>();
  #table: RoutingTable;
  #socket: UdpSocket | undefined;

  constructor(options: HalfOptions, world: HalfWorld) {
    this.family = options.family;
    this.#options = options;
    this.#world = world;
    this.#table = new RoutingTable(options.id ?? world.entropy.bytes(NODE_ID_BYTES));
    this.#questions = new Questions(world.clock, world.entropy);
    this.#responder = new Responder({
      ownId: () => this.#table.ownId,
      nearest: (target, family) =>
        family === this.family ? this.#table.nearest(target) : options.nearestOfOther(target),
      tokens: options.tokens,
      peers: options.peers,
      items: options.items,
      send: (bytes, to) => this.#socket?.send(bytes, to),
      challenge: async (to) => (await this.ping(to)) !== undefined,
      nowMs: () => world.clock.monotonicMs(),
    });
  }

  get id(): Uint8Array {
    return this.#table.ownId;
  }

  get port(): number {
    return this.#socket?.at.port ?? 0;
  }

  get table(): RoutingTable {
    return this.#table;
  }

  /** Failure codes: engine.listen_failed. */
  async open(): Promise<Result<undefined, Failure>> {
    const onMessage = (bytes: Uint8Array, from: Endpoint) => this.#received(bytes, from);
    const { at } = this.#options;
    const wanted = await this.#world.net.bindUdp(at, { onMessage });
    // Somebody else may have the UDP port of the number that we listen at for TCP.
    const bound =
      wanted.ok || at.port === 0 ? wanted : await this.#world.net.bindUdp({ ...at, port: 0 }, { onMessage });
    if (!bound.ok) return err(bound.error);
    this.#socket = bound.value;
    return ok();
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.#questions.close();
  }

  ping(to: Endpoint): Promise<DhtReply | undefined> {
    return this.#ask(to, (about) => writeQuery({ ...about, method: "ping" }));
  }

  announce(
    to: Endpoint,
    about: { infoHash: Uint8Array; token: Uint8Array; port: number },
  ): Promise<DhtReply | undefined> {
    const { infoHash, token, port } = about;
    return this.#ask(to, (query) => writeQuery({ ...query, method: "announce_peer", target: infoHash, token, port }));
  }

  /** Walks to the nodes nearest the target. `found` is told of peers as they come. */
  async walk(
    target: Uint8Array,
    method: "find_node" | "get_peers",
    found: (peers: readonly Endpoint[]) => void,
    signal: AbortSignal,
  ): Promise<Lookup> {
    const lookup = new Lookup(target, this.#table.nearest(target));
    const done = Promise.withResolvers<void>();
    const go = (): void => {
      if (signal.aborted || lookup.isDone) return done.resolve();
      for (const contact of lookup.next()) void this.#askOnWalk(lookup, contact, method, found).then(go);
    };
    go();
    await done.promise;
    return lookup;
  }

  async #askOnWalk(
    lookup: Lookup,
    contact: Contact,
    method: "find_node" | "get_peers",
    found: (peers: readonly Endpoint[]) => void,
  ): Promise<void> {
    const { target } = lookup;
    const reply = await this.#ask(contact.endpoint, (about) => writeQuery({ ...about, method, target, want: [] }));
    if (!reply) {
      this.#table.missed(contact);
      lookup.silent(contact);
      return;
    }
    const nodes = reply.nodes.filter(({ endpoint }) => familyIs(this.family, endpoint) && !this.#isSelf(endpoint));
    lookup.answered(
      contact,
      reply.token,
      nodes.filter(({ endpoint }) => mayBeNode(endpoint, contact.endpoint)),
    );
    if (reply.values.length > 0) found(reply.values);
  }

  async #ask(
    to: Endpoint,
    write: (about: { kind: "query"; transaction: Uint8Array; id: Uint8Array; readOnly: boolean }) => Uint8Array,
  ): Promise<DhtReply | undefined> {
    const { readOnly } = this.#options;
    const reply = await this.#questions.ask(to, (transaction) =>
      this.#socket?.send(write({ kind: "query", transaction, id: this.id, readOnly }), to),
    );
    if (reply) this.#heard(reply, to);
    return reply;
  }

  #heard(reply: DhtReply, from: Endpoint): void {
    this.#responder.proven(from);
    this.#table.heard({ id: reply.id, endpoint: from }, this.#world.clock.monotonicMs());
    if (reply.seenAs) this.#vote(reply.seenAs.host, from.host);
  }

  #received(bytes: Uint8Array, from: Endpoint): void {
    const message = readDhtMessage(bytes);
    if (!message || from.port === 0) return;
    if (message.kind === "reply" || message.kind === "error") {
      this.#questions.answered(message, from);
    } else if (!this.#options.readOnly) {
      if (message.kind === "query") this.#responder.answer(message, from, bytes.length);
      else this.#responder.refuse(message, from, bytes.length);
    }
  }

  // BEP 42: others say what our address is; when enough different ones agree, the id is made to fit it.
  #vote(address: string, voter: string): void {
    if (scopeOf(address) !== "public" || idFitsAddress(this.id, address)) return;
    const voters = this.#votes.get(address) ?? new Set();
    voters.add(voter);
    if (this.#votes.size < 100) this.#votes.set(address, voters);
    if (voters.size < VOTES_NEEDED) return;
    this.#votes.clear();
    const known = this.#table.contacts();
    this.#table = new RoutingTable(idForAddress(address, this.#world.entropy.bytes(NODE_ID_BYTES)));
    for (const contact of known) this.#table.heard(contact, this.#world.clock.monotonicMs());
  }

  #isSelf(endpoint: Endpoint): boolean {
    return endpoint.port === this.port && endpoint.host === this.#socket?.at.host;
  }
}

function familyIs(family: AddressFamily, { host }: Endpoint): boolean {
  return host.includes(":") === (family === 6);
}

// H62's cousin: a stranger outside cannot send us knocking inside; in a lab or on a campus, neighbours are private themselves.
function mayBeNode(endpoint: Endpoint, teller: Endpoint): boolean {
  const scope = scopeOf(endpoint.host);
  return scope === "public" || scope === scopeOf(teller.host);
}
