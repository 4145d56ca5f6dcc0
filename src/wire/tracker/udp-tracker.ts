// UDP trackers: BEP 15, with the URL data of BEP 41.

import { printable } from "../../base/printable.ts";
import type { AddressFamily } from "../compact/address.ts";
import { compactBytes, decodeCompactEndpoints } from "../compact/endpoint.ts";
import {
  type AnnounceEvent,
  type AnnounceReply,
  type AnnounceRequest,
  PEERS_MAX,
  type ScrapeReply,
} from "./announce.ts";

/** Names the protocol in the first packet. */
const MAGIC = 0x417_2710_1980n;
const ACTIONS = { connect: 0, announce: 1, scrape: 2, error: 3 } as const;
const EVENTS: Readonly<Record<AnnounceEvent, number>> = { none: 0, completed: 1, started: 2, stopped: 3 };
const ANNOUNCE_BYTES = 98;
const URL_DATA = 2;
const OPTION_BYTES_MAX = 255;
/** BEP 15: how long a tracker honours the id that it gave. */
export const CONNECTION_LIFE_MS = 60_000;

export function encodeConnect(transaction: number): Uint8Array {
  const packet = Buffer.alloc(16);
  packet.writeBigUInt64BE(MAGIC, 0);
  packet.writeUInt32BE(ACTIONS.connect, 8);
  packet.writeUInt32BE(transaction, 12);
  return packet;
}

export type UdpAnnounce = {
  readonly connection: bigint;
  readonly transaction: number;
  readonly request: AnnounceRequest;
  /** Path and query of the tracker's URL, where passkeys live (BEP 41). */
  readonly path: string;
};

export function encodeAnnounce({ connection, transaction, request, path }: UdpAnnounce): Uint8Array {
  const packet = Buffer.alloc(ANNOUNCE_BYTES);
  packet.writeBigUInt64BE(connection, 0);
  packet.writeUInt32BE(ACTIONS.announce, 8);
  packet.writeUInt32BE(transaction, 12);
  packet.set(request.infoHash, 16);
  packet.set(request.peerId, 36);
  packet.writeBigUInt64BE(BigInt(request.bytesDown), 56);
  packet.writeBigUInt64BE(BigInt(request.bytesLeft), 64);
  packet.writeBigUInt64BE(BigInt(request.bytesUp), 72);
  packet.writeUInt32BE(EVENTS[request.event], 80);
  // 84: the address is the one that the packet comes from.
  packet.writeUInt32BE(request.key, 88);
  packet.writeInt32BE(request.peersWanted, 92);
  packet.writeUInt16BE(request.port, 96);
  return Buffer.concat([packet, urlData(path)]);
}

export type UdpScrape = Pick<UdpAnnounce, "connection" | "transaction"> & { readonly infoHash: Uint8Array };

export function encodeScrape({ connection, transaction, infoHash }: UdpScrape): Uint8Array {
  const packet = Buffer.alloc(16);
  packet.writeBigUInt64BE(connection, 0);
  packet.writeUInt32BE(ACTIONS.scrape, 8);
  packet.writeUInt32BE(transaction, 12);
  return Buffer.concat([packet, infoHash]);
}

function urlData(path: string): Uint8Array {
  const bytes = Buffer.from(path === "/" ? "" : path, "utf8");
  const options: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += OPTION_BYTES_MAX) {
    const part = bytes.subarray(at, at + OPTION_BYTES_MAX);
    options.push(Uint8Array.of(URL_DATA, part.length), part);
  }
  return Buffer.concat(options);
}

export type UdpReply =
  | { readonly kind: "connected"; readonly connection: bigint }
  | { readonly kind: "announced"; readonly reply: AnnounceReply }
  | { readonly kind: "scraped"; readonly reply: ScrapeReply }
  | { readonly kind: "refused"; readonly message: string };

/** The transaction that a packet answers; undefined for what is no reply. The receiver compares it with its own (H80). */
export function transactionOf(packet: Uint8Array): number | undefined {
  return packet.length < 8 ? undefined : Buffer.from(packet).readUInt32BE(4);
}

/** `family` is that of the address which the tracker was asked at: it decides the rows. Undefined for malformed ones (H81). */
export function readUdpReply(packet: Uint8Array, family: AddressFamily): UdpReply | undefined {
  const bytes = Buffer.from(packet);
  if (bytes.length < 8) return undefined;
  switch (bytes.readUInt32BE(0)) {
    case ACTIONS.connect:
      return bytes.length < 16 ? undefined : { kind: "connected", connection: bytes.readBigUInt64BE(8) };
    case ACTIONS.announce:
      return readAnnounced(bytes, family);
    case ACTIONS.scrape:
      return readScraped(bytes);
    case ACTIONS.error:
      return { kind: "refused", message: printable(bytes.subarray(8, 508).toString("utf8"), 200) || "no reason given" };
    default:
      return undefined;
  }
}

function readAnnounced(bytes: Buffer, family: AddressFamily): UdpReply | undefined {
  if (bytes.length < 20) return undefined;
  const rows = bytes.subarray(20, 20 + PEERS_MAX * compactBytes(family));
  const peers = decodeCompactEndpoints(rows, family);
  if (!peers) return undefined;
  return {
    kind: "announced",
    reply: {
      peers,
      named: [],
      intervalSeconds: bytes.readUInt32BE(8),
      minIntervalSeconds: undefined,
      leechers: bytes.readUInt32BE(12),
      seeders: bytes.readUInt32BE(16),
      warning: undefined,
    },
  };
}

/** We ask for one torrent at a time: what stands behind its counts is not looked at. */
function readScraped(bytes: Buffer): UdpReply | undefined {
  if (bytes.length < 20) return undefined;
  const [seeders, downloads, leechers] = [8, 12, 16].map((at) => bytes.readUInt32BE(at));
  return { kind: "scraped", reply: { seeders: seeders ?? 0, downloads: downloads ?? 0, leechers: leechers ?? 0 } };
}
