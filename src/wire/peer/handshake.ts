// The first 68 bytes of a connection: which protocol, which extensions, which torrent, which peer (BEP 3).

import { asBuffer, bytesEqual } from "../../base/bytes.ts";
import { err, ok, type Result } from "../../base/result.ts";

export const HANDSHAKE_BYTES = 68;
/** Where the info-hash begins. */
export const HANDSHAKE_HASH_AT_BYTES = 28;
/** Enough to tell which torrent is meant; the peer id may come later (BEP 3: some acceptors look only this far). */
export const HANDSHAKE_HASH_END_BYTES = 48;

const PROTOCOL = Buffer.from("\x13BitTorrent protocol", "latin1");
const RESERVED_AT = 20;
const PEER_ID_AT = HANDSHAKE_HASH_END_BYTES;

/** Bits of the 8 reserved bytes, as [byte, mask]. */
const BITS = {
  /** BEP 10. */
  extended: [5, 0x10],
  /** BEP 5: the peer runs a DHT node. */
  dht: [7, 0x01],
  /** BEP 6. */
  fast: [7, 0x04],
  /** BEP 52: "I also know the v2 hash of this torrent". */
  v2Upgrade: [7, 0x10],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

export type HandshakeBit = keyof typeof BITS;

export type Handshake = {
  readonly bits: ReadonlySet<HandshakeBit>;
  /** 20 bytes: v1, or the truncated v2 hash. */
  readonly infoHash: Uint8Array;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
};

export type HandshakeFault = "not-bittorrent" | "handshake-too-short";

export function encodeHandshake(handshake: Handshake): Uint8Array {
  const bytes = Buffer.alloc(HANDSHAKE_BYTES);
  PROTOCOL.copy(bytes);
  for (const bit of handshake.bits) {
    const [byte, mask] = BITS[bit];
    bytes[RESERVED_AT + byte] = (bytes[RESERVED_AT + byte] ?? 0) | mask;
  }
  bytes.set(handshake.infoHash, HANDSHAKE_HASH_AT_BYTES);
  bytes.set(handshake.peerId, PEER_ID_AT);
  return bytes;
}

/** Whether what has arrived so far can still become a handshake: a stranger is refused at its first wrong byte. */
export function mayBeHandshake(prefix: Uint8Array): boolean {
  const count = Math.min(prefix.length, PROTOCOL.length);
  return bytesEqual(prefix.subarray(0, count), PROTOCOL.subarray(0, count));
}

/** Decodes exactly the first 68 bytes. The result holds copies. */
export function decodeHandshake(bytes: Uint8Array): Result<Handshake, HandshakeFault> {
  if (!mayBeHandshake(bytes)) return err("not-bittorrent");
  if (bytes.length < HANDSHAKE_BYTES) return err("handshake-too-short");
  const frame = asBuffer(bytes);
  const bits = new Set<HandshakeBit>();
  for (const bit of Object.keys(BITS) as HandshakeBit[]) {
    const [byte, mask] = BITS[bit];
    if (((frame[RESERVED_AT + byte] ?? 0) & mask) !== 0) bits.add(bit);
  }
  return ok({
    bits,
    infoHash: Uint8Array.from(frame.subarray(HANDSHAKE_HASH_AT_BYTES, PEER_ID_AT)),
    peerId: Uint8Array.from(frame.subarray(PEER_ID_AT, HANDSHAKE_BYTES)),
  });
}
