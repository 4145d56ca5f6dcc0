// The packet of BEP 29: a 20-byte header, a chain of extensions, a payload.

import { asBuffer } from "../../base/bytes.ts";

export const UTP_HEADER_BYTES = 20;
const UTP_VERSION = 1;
/** No honest chain is longer: selective ack, extension bits and libtorrent's close reason are three. */
const EXTENSIONS_MAX = 4;

export type UtpType = "data" | "fin" | "state" | "reset" | "syn";
const TYPES: readonly UtpType[] = ["data", "fin", "state", "reset", "syn"];
const TYPE_CODES: Readonly<Record<UtpType, number>> = { data: 0, fin: 1, state: 2, reset: 3, syn: 4 };

const EXTENSION_END = 0;
const EXTENSION_SELECTIVE_ACK = 1;
const EXTENSION_CLOSE_REASON = 3;
/** Not assigned; implementations skip what they do not know. */
const EXTENSION_PADDING = 0x70;

export type UtpHeader = {
  readonly type: UtpType;
  readonly connectionId: number;
  /** The sender's clock when it sent this, microseconds modulo 2³². */
  readonly sentUs: number;
  /** The sender's clock minus the timestamp of the last packet it received: our one-way delay plus an offset. */
  readonly delayUs: number;
  readonly windowBytes: number;
  readonly sequence: number;
  readonly acknowledged: number;
  /** Bit i, lowest bit of the first byte first, stands for the packet `acknowledged + 2 + i`. */
  readonly selectiveAck: Uint8Array | undefined;
};

export type UtpPacket = UtpHeader & {
  /** libtorrent's extension 3: why the connection was closed. */
  readonly closeReason: number | undefined;
  readonly payload: Uint8Array;
};

/** undefined for anything that is not a well-formed packet of version 1. The payload is a view. */
export function decodeUtpPacket(bytes: Uint8Array): UtpPacket | undefined {
  if (bytes.length < UTP_HEADER_BYTES) return undefined;
  const first = bytes[0] ?? 0;
  const type = TYPES[first >> 4];
  if ((first & 0x0f) !== UTP_VERSION || type === undefined) return undefined;
  const view = asBuffer(bytes);
  let extension = bytes[1] ?? 0;
  let at = UTP_HEADER_BYTES;
  let selectiveAck: Uint8Array | undefined;
  let closeReason: number | undefined;
  for (let count = 0; extension !== EXTENSION_END; count++) {
    const next = bytes[at];
    const lengthBytes = bytes[at + 1];
    if (count === EXTENSIONS_MAX || next === undefined || lengthBytes === undefined) return undefined;
    const begin = at + 2;
    at = begin + lengthBytes;
    if (at > bytes.length) return undefined;
    if (extension === EXTENSION_SELECTIVE_ACK) {
      // BEP 29 asks for a multiple of four; libtorrent sends as many bytes as it needs.
      selectiveAck = bytes.subarray(begin, at);
    } else if (extension === EXTENSION_CLOSE_REASON && lengthBytes === 4) {
      closeReason = view.readUInt32BE(begin);
    }
    extension = next;
  }
  return {
    type,
    connectionId: view.readUInt16BE(2),
    sentUs: view.readUInt32BE(4),
    delayUs: view.readUInt32BE(8),
    windowBytes: view.readUInt32BE(12),
    sequence: view.readUInt16BE(16),
    acknowledged: view.readUInt16BE(18),
    selectiveAck,
    closeReason,
    payload: bytes.subarray(at),
  };
}

function utpHeaderBytes(header: UtpHeader): number {
  return UTP_HEADER_BYTES + (header.selectiveAck === undefined ? 0 : 2 + header.selectiveAck.length);
}

/** Writes header and selective ack at the start of `target`; the payload belongs right after them. */
export function writeUtpHeader(target: Buffer, header: UtpHeader): void {
  target[0] = (TYPE_CODES[header.type] << 4) | UTP_VERSION;
  target[1] = header.selectiveAck === undefined ? EXTENSION_END : EXTENSION_SELECTIVE_ACK;
  writeU16(target, 2, header.connectionId);
  stampUtpHeader(target, header);
  writeU16(target, 16, header.sequence);
  if (header.selectiveAck === undefined) return;
  target[UTP_HEADER_BYTES] = EXTENSION_END;
  target[UTP_HEADER_BYTES + 1] = header.selectiveAck.length;
  target.set(header.selectiveAck, UTP_HEADER_BYTES + 2);
}

export type UtpStamp = Pick<UtpHeader, "sentUs" | "delayUs" | "windowBytes" | "acknowledged">;

/** Overwrites what changes when a packet is sent again. */
export function stampUtpHeader(target: Buffer, stamp: UtpStamp): void {
  writeU32(target, 4, stamp.sentUs);
  writeU32(target, 8, stamp.delayUs);
  writeU32(target, 12, stamp.windowBytes);
  writeU16(target, 18, stamp.acknowledged);
}

// By hand, as blocks' frames are: this is done for every packet.
function writeU32(target: Buffer, at: number, value: number): void {
  writeU16(target, at, value >>> 16);
  writeU16(target, at + 2, value);
}

function writeU16(target: Buffer, at: number, value: number): void {
  target[at] = value >>> 8;
  target[at + 1] = value;
}

/** For packets whose times, window and acknowledgement are stamped right before they leave. */
export const UNSTAMPED: UtpStamp = { sentUs: 0, delayUs: 0, windowBytes: 0, acknowledged: 0 };

const PADDING_EXTENSION_BYTES_MAX = 2 + 255;
/** What the extensions that a packet may have can add. */
export const UTP_PADDING_BYTES_MAX = EXTENSIONS_MAX * PADDING_EXTENSION_BYTES_MAX;

/** A copy of a packet without extensions, grown to `bytes` by extensions that everybody skips: a probe of the path. */
export function padUtpPacket(packet: Buffer, bytes: number): Buffer {
  const padding = bytes - packet.length;
  if (padding < 2) return packet;
  const padded = Buffer.alloc(bytes);
  packet.copy(padded, 0, 0, UTP_HEADER_BYTES);
  packet.copy(padded, UTP_HEADER_BYTES + padding, UTP_HEADER_BYTES);
  padded[1] = EXTENSION_PADDING;
  const extensions = Math.ceil(padding / PADDING_EXTENSION_BYTES_MAX);
  for (let n = 0, at = UTP_HEADER_BYTES; n < extensions; n++) {
    const end = UTP_HEADER_BYTES + Math.floor((padding * (n + 1)) / extensions);
    padded[at] = n + 1 === extensions ? EXTENSION_END : EXTENSION_PADDING;
    padded[at + 1] = end - at - 2;
    at = end;
  }
  return padded;
}

export function encodeUtpPacket(header: UtpHeader, payload: Uint8Array): Buffer {
  const headerBytes = utpHeaderBytes(header);
  const packet = Buffer.allocUnsafe(headerBytes + payload.length);
  writeUtpHeader(packet, header);
  packet.set(payload, headerBytes);
  return packet;
}
