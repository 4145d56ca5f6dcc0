// The messages of the DHT (BEP 5), with IPv6 (BEP 32), external addresses (BEP 42), read-only nodes (BEP 43) and items
// that are kept for others (BEP 44).

import { printable } from "../../base/printable.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import { type BencodeLimits, decode } from "../bencode/decode.ts";
import { type BencodeInput, encode } from "../bencode/encode.ts";
import { BencodeDict, type BencodeValue } from "../bencode/value.ts";
import { type AddressFamily, familyOfHost } from "../compact/address.ts";
import {
  compactBytes,
  decodeCompactEndpoints,
  encodeCompactEndpoint,
  encodeCompactEndpoints,
} from "../compact/endpoint.ts";
import { type DhtItem, itemFields, readItem } from "./item.ts";
import { NODE_ID_BYTES } from "./node-id.ts";

/** A datagram that fits every path. */
const DATAGRAM_BYTES_MAX = 1_500;
const LIMITS: BencodeLimits = { bytesMax: DATAGRAM_BYTES_MAX, depthMax: 5, tokensMax: 600 };
const TRANSACTION_BYTES_MAX = 32;
const TOKEN_BYTES_MAX = 64;
const NODES_MAX = 32;
const VALUES_MAX = 200;

export type Contact = { readonly id: Uint8Array; readonly endpoint: Endpoint };

export type DhtQuery = {
  readonly kind: "query";
  readonly transaction: Uint8Array;
  readonly id: Uint8Array;
  /** BEP 43: it answers no queries and does not belong into routing tables. */
  readonly readOnly: boolean;
} & (
  | { readonly method: "ping" }
  /** `target` is a node id or an info-hash; `want` is empty when the asker did not say (BEP 32). */
  | { readonly method: "find_node" | "get_peers"; readonly target: Uint8Array; readonly want: readonly AddressFamily[] }
  | {
      readonly method: "announce_peer";
      readonly target: Uint8Array;
      readonly token: Uint8Array;
      /** Undefined: the port that the datagram came from. */
      readonly port: number | undefined;
    }
  /** With `newerThan`, an item that is not newer is not sent again. */
  | {
      readonly method: "get";
      readonly target: Uint8Array;
      readonly want: readonly AddressFamily[];
      readonly newerThan: number | undefined;
    }
  | { readonly method: "put"; readonly token: Uint8Array; readonly item: DhtItem; readonly compare: number | undefined }
);

export type DhtReply = {
  readonly kind: "reply";
  readonly transaction: Uint8Array;
  readonly id: Uint8Array;
  readonly nodes: readonly Contact[];
  readonly values: readonly Endpoint[];
  readonly token: Uint8Array | undefined;
  /** BEP 42: our address as the other side sees it. */
  readonly seenAs: Endpoint | undefined;
  readonly item?: DhtItem | undefined;
};

export type DhtError = {
  readonly kind: "error";
  readonly transaction: Uint8Array;
  readonly code: number;
  readonly message: string;
};

/** A query that cannot be answered, but whose asker can be told so. */
export type DhtMisfit = { readonly kind: "misfit"; readonly transaction: Uint8Array; readonly error: DhtErrorName };

export type DhtMessage = DhtQuery | DhtReply | DhtError | DhtMisfit;

export const DHT_ERRORS = {
  protocol: [203, "Protocol Error"],
  method: [204, "Method Unknown"],
  valueTooBig: [205, "Message Too Big"],
  signature: [206, "Invalid Signature"],
  saltTooBig: [207, "Salt Too Big"],
  compareFailed: [301, "CAS Mismatch"],
  sequenceOld: [302, "Sequence Number Less Than Current"],
} as const;
export type DhtErrorName = keyof typeof DHT_ERRORS;

/** Undefined for what is no message at all: such datagrams are dropped without an answer. */
export function readDhtMessage(bytes: Uint8Array): DhtMessage | undefined {
  const decoded = decode(bytes, { limits: LIMITS, keyOrder: "any" });
  if (!decoded.ok || !(decoded.value instanceof BencodeDict)) return undefined;
  const dict = decoded.value;
  const transaction = dict.bytes("t");
  if (!transaction || transaction.length === 0 || transaction.length > TRANSACTION_BYTES_MAX) return undefined;
  switch (dict.text("y")) {
    case "q":
      return readQuery(dict, transaction);
    case "r":
      return readReply(dict, transaction);
    case "e":
      return readError(dict, transaction);
    default:
      return undefined;
  }
}

function readQuery(dict: BencodeDict, transaction: Uint8Array): DhtQuery | DhtMisfit {
  const misfit = (error: DhtErrorName) => ({ kind: "misfit", transaction, error }) as const;
  const method = dict.text("q");
  const fields = dict.dict("a");
  const id = idAt(fields, "id");
  if (!fields || !id) return misfit("protocol");
  const about = { kind: "query", transaction, id, readOnly: dict.integer("ro") === 1 } as const;
  if (method === "ping") return { ...about, method };
  if (method === "find_node" || method === "get_peers") {
    const target = idAt(fields, method === "find_node" ? "target" : "info_hash");
    return target ? { ...about, method, target, want: readWant(fields.list("want")) } : misfit("protocol");
  }
  if (method === "get") {
    const target = idAt(fields, "target");
    const newerThan = fields.integer("seq");
    return target ? { ...about, method, target, want: readWant(fields.list("want")), newerThan } : misfit("protocol");
  }
  if (method === "put") {
    const item = readItem(fields);
    const token = tokenOf(fields);
    if (typeof item === "string") return misfit(item);
    return token ? { ...about, method, token, item, compare: fields.integer("cas") } : misfit("protocol");
  }
  if (method !== "announce_peer") return misfit("method");
  const target = idAt(fields, "info_hash");
  const token = tokenOf(fields);
  const implied = fields.integer("implied_port") === 1;
  const port = fields.integer("port");
  // H68: port 0 and ports that do not exist are no place to find anybody.
  const portIsWrong = !implied && (port === undefined || port < 1 || port > 65_535);
  if (!target || !token || portIsWrong) return misfit("protocol");
  return { ...about, method, target, token, port: implied ? undefined : port };
}

function readWant(list: readonly BencodeValue[] | undefined): AddressFamily[] {
  const names = (list ?? []).map((item) => (item instanceof Uint8Array ? Buffer.from(item).toString("latin1") : ""));
  return ([4, 6] as const).filter((family) => names.includes(`n${family}`));
}

function readReply(dict: BencodeDict, transaction: Uint8Array): DhtReply | undefined {
  const fields = dict.dict("r");
  const id = idAt(fields, "id");
  if (!fields || !id) return undefined;
  const nodes = readContacts(fields.bytes("nodes"), 4);
  const nodes6 = readContacts(fields.bytes("nodes6"), 6);
  // H70: a list that is no whole number of rows makes the whole reply worthless.
  if (!nodes || !nodes6) return undefined;
  const item = readItem(fields);
  return {
    kind: "reply",
    transaction,
    id,
    nodes: [...nodes, ...nodes6],
    values: readValues(fields.list("values")),
    token: tokenOf(fields),
    seenAs: readEndpoint(dict.bytes("ip")),
    ...(typeof item === "object" && { item }),
  };
}

function tokenOf(fields: BencodeDict): Uint8Array | undefined {
  const token = fields.bytes("token");
  return token && token.length <= TOKEN_BYTES_MAX ? token : undefined;
}

function readError(dict: BencodeDict, transaction: Uint8Array): DhtError | undefined {
  const [code, text] = dict.list("e") ?? [];
  if (typeof code !== "number") return undefined;
  const message = text instanceof Uint8Array ? printable(Buffer.from(text).toString("utf8"), 100) : "";
  return { kind: "error", transaction, code, message };
}

function idAt(fields: BencodeDict | undefined, name: string): Uint8Array | undefined {
  const id = fields?.bytes(name);
  return id?.length === NODE_ID_BYTES ? id : undefined;
}

/** Rows of id, address and port (26 bytes, BEP 32: 38); undefined when they are no whole rows. */
export function readContacts(bytes: Uint8Array | undefined, family: AddressFamily): Contact[] | undefined {
  if (!bytes) return [];
  const row = NODE_ID_BYTES + compactBytes(family);
  if (bytes.length % row !== 0) return undefined;
  const contacts: Contact[] = [];
  for (let at = 0; at < bytes.length && contacts.length < NODES_MAX; at += row) {
    const id = bytes.subarray(at, at + NODE_ID_BYTES);
    const [endpoint] = decodeCompactEndpoints(bytes.subarray(at + NODE_ID_BYTES, at + row), family) ?? [];
    // IPv4 in IPv6's clothes: no node of an IPv6 table can be there.
    if (endpoint && familyOfHost(endpoint.host) === family) contacts.push({ id, endpoint });
  }
  return contacts;
}

export function writeContacts(contacts: readonly Contact[], family: AddressFamily): Uint8Array {
  const rows = contacts.flatMap(({ id, endpoint }) => {
    const place = encodeCompactEndpoints([endpoint], family);
    return place.length > 0 ? [id, place] : [];
  });
  return Buffer.concat(rows);
}

function readValues(list: readonly BencodeValue[] | undefined): Endpoint[] {
  return (list ?? [])
    .slice(0, VALUES_MAX)
    .flatMap((item) => (item instanceof Uint8Array ? (readEndpoint(item) ?? []) : []));
}

function readEndpoint(bytes: Uint8Array | undefined): Endpoint | undefined {
  const family = bytes?.length === compactBytes(4) ? 4 : 6;
  return bytes && decodeCompactEndpoints(bytes, family)?.[0];
}

export function writeQuery(query: DhtQuery): Uint8Array {
  return encode({
    a: { id: query.id, ...argumentsOf(query) },
    q: query.method,
    ro: query.readOnly ? 1 : undefined,
    t: query.transaction,
    y: "q",
  });
}

function argumentsOf(query: DhtQuery): { readonly [key: string]: BencodeInput | undefined } {
  switch (query.method) {
    case "ping":
      return {};
    case "find_node":
      return { target: query.target, want: wantOf(query.want) };
    case "get_peers":
      return { info_hash: query.target, want: wantOf(query.want) };
    case "announce_peer":
      return {
        implied_port: query.port === undefined ? 1 : 0,
        info_hash: query.target,
        port: query.port ?? 1,
        token: query.token,
      };
    case "get":
      return { seq: query.newerThan, target: query.target, want: wantOf(query.want) };
    case "put":
      return { ...itemFields(query.item), cas: query.compare, token: query.token };
  }
}

function wantOf(want: readonly AddressFamily[]): readonly string[] | undefined {
  return want.length === 0 ? undefined : want.map((family) => `n${family}`);
}

export function writeReply(reply: DhtReply): Uint8Array {
  const [nodes, nodes6] = ([4, 6] as const).map((family) => writeContacts(reply.nodes, family));
  return encode({
    ip: reply.seenAs && writeEndpoint(reply.seenAs),
    r: {
      id: reply.id,
      nodes: nodes && nodes.length > 0 ? nodes : undefined,
      nodes6: nodes6 && nodes6.length > 0 ? nodes6 : undefined,
      token: reply.token,
      ...(reply.item && itemFields(reply.item)),
      values: reply.values.length > 0 ? reply.values.map((peer) => writeEndpoint(peer)) : undefined,
    },
    t: reply.transaction,
    y: "r",
  });
}

function writeEndpoint(endpoint: Endpoint): Uint8Array {
  return encodeCompactEndpoint(endpoint);
}

export function writeError(transaction: Uint8Array, name: DhtErrorName): Uint8Array {
  return encode({ e: [...DHT_ERRORS[name]], t: transaction, y: "e" });
}
