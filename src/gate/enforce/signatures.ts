// What the kernel can tell by itself, from the first bytes of one packet: the recognisers' own patterns, compiled into
// payload matches, so that the first matching packet never passes. Only patterns that no ordinary packet has are here; the
// rest needs the classifier.

import { LOCAL_DISCOVERY, TRACKER_CONNECT } from "../classify/bittorrent-discovery.ts";
import { HANDSHAKE } from "../classify/bittorrent-handshake.ts";
import { ADC_SUPPORT, NMDC_LOCK, NMDC_NICK } from "../classify/directconnect.ts";
import { ED2K } from "../classify/ed2k.ts";
import { GNUTELLA_ANSWER, GNUTELLA_CONNECT } from "../classify/gnutella.ts";
import { KAD, KAD_CODE } from "../classify/kad-messages.ts";
import { pattern } from "../classify/text.ts";
import type { WhyCode } from "../why.ts";

export type PayloadMatch = { readonly atByte: number; readonly bytes: Uint8Array };
export type Signature = {
  readonly why: WhyCode;
  readonly l4: "tcp" | "udp";
  readonly matches: readonly PayloadMatch[];
  /** Exact length of a datagram's payload. */
  readonly payloadBytes?: number;
};

const begins = (bytes: Uint8Array): readonly PayloadMatch[] => [{ atByte: 0, bytes }];
const ZERO2 = new Uint8Array(2);
const ZERO4 = new Uint8Array(4);

// A uTP opening: type and version, extension, no delay measured, nothing acknowledged.
const utpOpening = (extension: number, payloadBytes: number, more: readonly PayloadMatch[]): Signature => ({
  why: "bt.utp_open",
  l4: "udp",
  payloadBytes,
  matches: [
    { atByte: 0, bytes: Uint8Array.from([0x41, extension]) },
    { atByte: 8, bytes: ZERO4 },
    { atByte: 18, bytes: ZERO2 },
    ...more,
  ],
});

export const SIGNATURES: readonly Signature[] = [
  { why: "bt.handshake", l4: "tcp", matches: begins(HANDSHAKE) },
  { why: "bt.tracker_http", l4: "tcp", matches: begins(pattern("GET /announce?info_hash=")) },
  { why: "bt.tracker_http", l4: "tcp", matches: begins(pattern("GET /scrape?info_hash=")) },
  { why: "bt.tracker_udp", l4: "udp", matches: begins(TRACKER_CONNECT) },
  { why: "bt.local_discovery", l4: "udp", matches: begins(LOCAL_DISCOVERY) },
  { why: "bt.dht_query", l4: "udp", matches: begins(pattern("d1:ad2:id20:")) },
  { why: "bt.dht_answer", l4: "udp", matches: begins(pattern("d1:rd2:id20:")) },
  {
    why: "bt.dht_answer",
    l4: "udp",
    matches: [...begins(pattern("d2:ip6:")), { atByte: 13, bytes: pattern("1:rd2:id20:") }],
  },
  utpOpening(0, 20, []),
  utpOpening(2, 30, [{ atByte: 20, bytes: Uint8Array.from([0, 8, 0, 0, 0, 0, 0, 0, 0, 0]) }]),
  // Protocol, a length below 64 KiB, hello, a hash of sixteen bytes.
  {
    why: "emule.hello",
    l4: "tcp",
    matches: [...begins(Uint8Array.from([ED2K])), { atByte: 3, bytes: Uint8Array.from([0, 0, 1, 16]) }],
  },
  { why: "kad.message", l4: "udp", payloadBytes: 35, matches: begins(Uint8Array.from([KAD, KAD_CODE.search])) },
  { why: "dc.nmdc", l4: "tcp", matches: begins(NMDC_LOCK) },
  { why: "dc.nmdc", l4: "tcp", matches: begins(NMDC_NICK) },
  ...ADC_SUPPORT.map((bytes): Signature => ({ why: "dc.adc", l4: "tcp", matches: begins(bytes) })),
  { why: "gnutella.handshake", l4: "tcp", matches: begins(GNUTELLA_CONNECT) },
  { why: "gnutella.handshake", l4: "tcp", matches: begins(GNUTELLA_ANSWER) },
];

/** A packet of uTP data: type 0, version 1, and one of the four extensions (BEP 29). MSE inside hides only what follows. */
export const UTP_DATA = "@ih,0,16 & 0xfffc == 0x0100";

/** Openings of protocols that are what they seem, and need not wait for the classifier. */
export const ORDINARY_OPENINGS: readonly Uint8Array[] = [
  Uint8Array.from([0x16, 3]),
  ...["GET ", "POST ", "HEAD ", "PUT ", "SSH-", "HTTP/1.", "220 ", "EHLO ", "* OK"].map(pattern),
];

const EXPRESSION_BYTES_MAX = 16;

/** The nft expression of a signature, without its verdict. */
export function expressionOf(signature: Signature): string {
  const parts = [`meta l4proto ${signature.l4}`];
  const udpHeaderBytes = 8;
  if (signature.payloadBytes !== undefined) parts.push(`udp length ${signature.payloadBytes + udpHeaderBytes}`);
  for (const { atByte, bytes } of signature.matches) parts.push(...payloadExpressions(atByte, bytes));
  return parts.join(" ");
}

/** nft compares at most sixteen bytes of payload in one expression. */
export function payloadExpressions(atByte: number, bytes: Uint8Array): string[] {
  const parts: string[] = [];
  for (let begin = 0; begin < bytes.length; begin += EXPRESSION_BYTES_MAX) {
    const piece = bytes.subarray(begin, begin + EXPRESSION_BYTES_MAX);
    const hex = [...piece].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    parts.push(`@ih,${(atByte + begin) * 8},${piece.length * 8} 0x${hex}`);
  }
  return parts;
}
