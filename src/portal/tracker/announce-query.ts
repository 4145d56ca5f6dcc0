// Reads the query of an HTTP announce (BEP 3, 7, 23). Bytes are percent-encoded, so it is read before any UTF-8.

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";

export type AnnounceEvent = "started" | "completed" | "stopped" | "none";

export type AnnounceQuery = {
  /** 20 bytes in lowercase hexadecimal; for v2 the first 20 bytes of the hash. */
  readonly infoHash: string;
  /** 20 bytes in lowercase hexadecimal. */
  readonly peerId: string;
  readonly port: number;
  readonly leftBytes: number;
  readonly event: AnnounceEvent;
  readonly wantedPeers: number;
};

const QUERY_CHARACTERS_MAX = 2_048;
const PEERS_DEFAULT = 50;
const ANNOUNCE_PEERS_MAX = 100;

/** `ip`, `ipv4` and `ipv6` are not read at all: the address is the one that the connection comes from (HOSTILE 76). */
export function readAnnounceQuery(query: string): Result<AnnounceQuery, Failure> {
  if (query.length > QUERY_CHARACTERS_MAX) return refuse("the query is too long");
  const fields = new Map<string, Uint8Array>();
  for (const pair of query.split("&")) {
    const equals = pair.indexOf("=");
    if (equals < 1) continue;
    const value = percentDecode(pair.slice(equals + 1));
    if (value === undefined) return refuse("the query is not percent-encoded");
    const name = pair.slice(0, equals);
    if (fields.has(name)) return refuse(`${name.replaceAll(/\W/g, "")} stands twice`);
    fields.set(name, value);
  }
  const infoHash = fields.get("info_hash");
  const peerId = fields.get("peer_id");
  if (infoHash?.length !== 20) return refuse("info_hash must be 20 bytes");
  if (peerId?.length !== 20) return refuse("peer_id must be 20 bytes");
  const port = wholeNumber(fields.get("port"));
  if (port === undefined || port < 1 || port > 65_535) return refuse("port must be 1 to 65535");
  const event = eventOf(fields.get("event"));
  if (event === undefined) return refuse("event is unknown");
  return ok({
    infoHash: hex(infoHash),
    peerId: hex(peerId),
    port,
    // A peer that does not say how much is left is not counted as having everything.
    leftBytes: wholeNumber(fields.get("left")) ?? Number.MAX_SAFE_INTEGER,
    event,
    wantedPeers: Math.min(wholeNumber(fields.get("numwant")) ?? PEERS_DEFAULT, ANNOUNCE_PEERS_MAX),
  });
}

function percentDecode(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 126 || code < 33) return undefined;
    if (code !== 0x25) {
      bytes.push(code);
      continue;
    }
    const digits = text.slice(index + 1, index + 3);
    if (!/^[0-9a-fA-F]{2}$/.test(digits)) return undefined;
    bytes.push(Number.parseInt(digits, 16));
    index += 2;
  }
  return Uint8Array.from(bytes);
}

function wholeNumber(bytes: Uint8Array | undefined): number | undefined {
  const text = bytes === undefined ? "" : Buffer.from(bytes).toString("latin1");
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function eventOf(bytes: Uint8Array | undefined): AnnounceEvent | undefined {
  switch (bytes === undefined ? "" : Buffer.from(bytes).toString("latin1")) {
    case "":
    case "empty":
      return "none";
    case "started":
      return "started";
    case "completed":
      return "completed";
    case "stopped":
      return "stopped";
    default:
      return undefined;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function refuse(detail: string): Result<AnnounceQuery, Failure> {
  return err(failure("portal.announce_wrong", { detail }));
}
