// HTTP requests that only peer-to-peer programs make: tracker announces with a 20-byte info_hash (BEP 3), Gnutella file
// transfers. A BitTorrent client's user agent alone is a hint, for those programs also fetch feeds and updates.

import { HEAD_BYTES, INITIATOR, type Talk } from "../flow/talk.ts";
import type { Judgement, Recogniser } from "./recogniser.ts";
import { headMatches, pattern } from "./text.ts";

const GET = pattern("GET ");
const HEAD = pattern("HEAD ");
const PACKETS_MAX = 8;
const HASH_BYTES = 20;
const REQUEST_BYTES_MAX = 2048;

const BITTORRENT_AGENTS =
  /\r\nUser-Agent: (?:Transmission\/|qBittorrent[ /]|libtorrent[/ ]|rtorrent\/|aria2\/|uTorrent|BitTorrent\/|BTWebClient|Deluge|Azureus|Vuze|KTorrent)/i;
const GNUTELLA_AGENTS =
  /\r\n(?:User-Agent|Server): (?:BearShare|LimeWire|gtk-gnutella|Shareaza|Gnucleus|Morpheus|Phex|Foxy|FrostWire|Cabos|Acquisition|XoloX|Swapper|Toadnode|Gnotella|Mutella|Qtella|giFT-Gnutella)/i;
const GNUTELLA_HEADERS = /\r\n(?:Referr?er: Gnutella|X-Gnutella-|X-Features: .*\bqueue\/|X-NAlt: |X-Alt: )/i;
const GNUTELLA_PATHS = /^(?:GET|HEAD) \/(?:get\/\d{1,9}\/|uri-res\/N2R?\?urn:)/;

function judge(talk: Talk): Judgement {
  const isGet = headMatches(talk, INITIATOR, GET);
  if (isGet === "no" && headMatches(talk, INITIATOR, HEAD) === "no") return "no";
  if (talk.side !== INITIATOR) return talk.packets < PACKETS_MAX ? "more" : "no";
  const found = judgeRequest(requestText(talk));
  if (found !== undefined) return found;
  return talk.packets < PACKETS_MAX ? "more" : "no";
}

// One segment holds most requests whole; a request in pieces is read from the head, as far as that goes.
function requestText(talk: Talk): string {
  const inOne = talk.streamBytes(INITIATOR) === talk.chunkBytes || talk.headBytes(INITIATOR) === HEAD_BYTES;
  const head = talk.headCopy(INITIATOR);
  if (!inOne) return latin1(head, 0, head.length);
  const begin = talk.streamBytes(INITIATOR) === talk.chunkBytes ? talk.begin : -1;
  if (begin < 0) return latin1(head, 0, head.length);
  return latin1(talk.bytes, talk.begin, Math.min(talk.end, talk.begin + REQUEST_BYTES_MAX));
}

/** What a request is; undefined when nothing in it tells. */
function judgeRequest(text: string): "bt.tracker_http" | "gnutella.transfer" | "bt.web_seed_hint" | undefined {
  if (hasInfoHash(text)) return "bt.tracker_http";
  const isGnutella = GNUTELLA_HEADERS.test(text) || GNUTELLA_AGENTS.test(text);
  if (isGnutella && GNUTELLA_PATHS.test(text)) return "gnutella.transfer";
  return BITTORRENT_AGENTS.test(text) && /\r\nRange: bytes=/i.test(text) ? "bt.web_seed_hint" : undefined;
}

/** A request line whose query holds an info_hash that is 20 bytes long once unescaped. */
function hasInfoHash(text: string): boolean {
  const found = /^(?:GET|HEAD) [^ \r\n]*[?&]info_hash=([^& \r\n]*)(?=[& ])/.exec(text);
  const escaped = found?.[1];
  if (escaped === undefined || /%(?![0-9a-fA-F]{2})/.test(escaped)) return false;
  return escaped.replaceAll(/%[0-9a-fA-F]{2}/g, "x").length === HASH_BYTES;
}

function latin1(bytes: Uint8Array, begin: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + begin, end - begin).toString("latin1");
}

export const http: Recogniser = { name: "http", judge };
