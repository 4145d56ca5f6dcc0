// HTTP trackers: BEP 3, compact replies of BEP 23 and BEP 7, scrape by BEP 48.

import { printable } from "../../base/printable.ts";
import { type Endpoint, parseEndpoint } from "../../domain/address/endpoint.ts";
import { type BencodeLimits, decode } from "../bencode/decode.ts";
import { BencodeDict, type BencodeValue, isList } from "../bencode/value.ts";
import { decodeCompactEndpoints } from "../compact/endpoint.ts";
import { type AnnounceReply, type AnnounceRequest, type NamedPeer, PEERS_MAX, type ScrapeReply } from "./announce.ts";

/** Of a reply, unpacked (H81, H88). */
export const REPLY_BYTES_MAX = 1_000_000;
const LIMITS: BencodeLimits = { bytesMax: REPLY_BYTES_MAX, depthMax: 10, tokensMax: 100_000 };
const MESSAGE_CHARACTERS_MAX = 200;
const INTERVAL_SECONDS = 30 * 60;
/** Letters, digits, hyphens, dots; underscores stand in some, though not in the standard (RFC 1123). */
const HOST_NAME = /^[a-z0-9_.-]{1,253}$/i;

/** `base` may have a query already (passkeys): the parameters go behind it. */
export function announceUrl(base: string, request: AnnounceRequest): string {
  const fields = [
    `info_hash=${percentEncoded(request.infoHash)}`,
    `peer_id=${percentEncoded(request.peerId)}`,
    `port=${request.port}`,
    `uploaded=${request.bytesUp}`,
    `downloaded=${request.bytesDown}`,
    `left=${request.bytesLeft}`,
    `compact=1`,
    `no_peer_id=1`,
    `numwant=${request.peersWanted}`,
    `key=${request.key.toString(16).padStart(8, "0")}`,
  ];
  if (request.event !== "none") fields.push(`event=${request.event}`);
  return withQuery(base, fields.join("&"));
}

/** BEP 48: only an announce URL whose last segment begins with "announce" has a scrape URL. */
export function scrapeUrl(base: string, infoHash: Uint8Array): string | undefined {
  const split = /^([^?#]*\/)announce([^/?#]*)(\?[^#]*)?(?:#.*)?$/.exec(base);
  if (!split) return undefined;
  const [, folder = "", rest = "", query = ""] = split;
  return withQuery(`${folder}scrape${rest}${query}`, `info_hash=${percentEncoded(infoHash)}`);
}

function withQuery(base: string, query: string): string {
  const plain = base.replace(/#.*$/, "");
  return `${plain}${plain.includes("?") ? "&" : "?"}${query}`;
}

/** Each byte that is not unreserved, as %XX: the hash is bytes, not text. */
function percentEncoded(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
  }
  return text;
}

/** What the tracker said: a reply, a refusal in its own words, or nothing that can be read. */
export type TrackerWord<T> =
  | { readonly kind: "reply"; readonly reply: T }
  | { readonly kind: "refused"; readonly message: string; readonly retrySeconds: number | "never" | undefined }
  | { readonly kind: "malformed" };

export function readAnnounceReply(bytes: Uint8Array): TrackerWord<AnnounceReply> {
  const dict = readDict(bytes);
  if (!dict) return { kind: "malformed" };
  const refusal = readRefusal(dict);
  if (refusal) return refusal;
  // BEP 3 asks for it, and some trackers leave it out; the peers they name are as good as others.
  const isSilent = !dict.has("interval") && (dict.has("peers") || dict.has("peers6"));
  const interval = isSilent ? INTERVAL_SECONDS : dict.integer("interval");
  const peers = readPeers(dict.get("peers"));
  const peers6 = dict.bytes("peers6");
  const more = peers6 === undefined ? [] : decodeCompactEndpoints(peers6, 6);
  if (interval === undefined || interval < 0 || peers === undefined || more === undefined) return { kind: "malformed" };
  return {
    kind: "reply",
    reply: {
      peers: [...peers.peers, ...more].slice(0, PEERS_MAX),
      named: peers.named,
      intervalSeconds: interval,
      minIntervalSeconds: countAt(dict, "min interval"),
      seeders: countAt(dict, "complete"),
      leechers: countAt(dict, "incomplete"),
      warning: messageAt(dict, "warning message"),
    },
  };
}

export function readScrapeReply(bytes: Uint8Array, infoHash: Uint8Array): TrackerWord<ScrapeReply> {
  const dict = readDict(bytes);
  const refusal = dict && readRefusal(dict);
  if (refusal) return refusal;
  const file = dict?.dict("files")?.dict(Buffer.from(infoHash).toString("latin1"));
  if (!file) return { kind: "malformed" };
  const count = (field: string) => countAt(file, field) ?? 0;
  return {
    kind: "reply",
    reply: { seeders: count("complete"), leechers: count("incomplete"), downloads: count("downloaded") },
  };
}

function readDict(bytes: Uint8Array): BencodeDict | undefined {
  const decoded = decode(withoutLineEnd(bytes), { limits: LIMITS, keyOrder: "any" });
  return decoded.ok && decoded.value instanceof BencodeDict ? decoded.value : undefined;
}

/** A script that ends in an empty line sends that line too. */
function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
  return bytes.subarray(0, end);
}

// BEP 31: "retry in" is minutes, or "never".
function readRefusal(dict: BencodeDict): TrackerWord<never> | undefined {
  if (!dict.has("failure reason")) return undefined;
  const retry = dict.text("retry in") ?? `${dict.integer("retry in") ?? ""}`;
  const retrySeconds = retry === "never" ? retry : /^\d{1,6}$/.test(retry) ? Number(retry) * 60 : undefined;
  return { kind: "refused", message: messageAt(dict, "failure reason") || "no reason given", retrySeconds };
}

function messageAt(dict: BencodeDict, field: string): string | undefined {
  const bytes = dict.get(field);
  if (!(bytes instanceof Uint8Array)) return undefined;
  // Trackers write in other encodings too: what can be read of it says more than nothing.
  return printable(Buffer.from(bytes).toString("utf8").trim(), MESSAGE_CHARACTERS_MAX);
}

function countAt(dict: BencodeDict, field: string): number | undefined {
  const value = dict.integer(field);
  return value !== undefined && value >= 0 ? value : undefined;
}

type ToldPeers = Pick<AnnounceReply, "peers" | "named">;

/** Compact rows, or the list of dictionaries of BEP 3. */
function readPeers(value: BencodeValue | undefined): ToldPeers | undefined {
  if (value === undefined) return { peers: [], named: [] };
  if (value instanceof Uint8Array) {
    const peers = decodeCompactEndpoints(value, 4);
    return peers && { peers, named: [] };
  }
  if (!isList(value)) return undefined;
  const told = value.slice(0, PEERS_MAX).map(readPeer);
  return {
    peers: told.flatMap((one) => (one !== undefined && "host" in one ? one : [])),
    named: told.flatMap((one) => (one !== undefined && "name" in one ? one : [])),
  };
}

function readPeer(item: BencodeValue): Endpoint | NamedPeer | undefined {
  const host = item instanceof BencodeDict ? item.text("ip") : undefined;
  const port = item instanceof BencodeDict ? item.integer("port") : undefined;
  if (host === undefined || port === undefined) return undefined;
  const endpoint = parseEndpoint(host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);
  if (endpoint !== undefined) return endpoint;
  return HOST_NAME.test(host) && port >= 1 && port <= 65_535 ? { name: host, port } : undefined;
}

/** For trackers: the value of one query parameter as bytes; undefined when it is absent or badly encoded. */
export function queryBytes(query: string, name: string): Uint8Array | undefined {
  const part = query.split("&").find((one) => one.startsWith(`${name}=`));
  if (part === undefined) return undefined;
  const text = part.slice(name.length + 1);
  if (!/^(?:[^%]|%[0-9a-f]{2})*$/i.test(text)) return undefined;
  const bytes = text
    .replaceAll("+", " ")
    .replaceAll(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1");
}
