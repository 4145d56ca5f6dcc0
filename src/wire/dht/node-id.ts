// Node ids of the DHT: 160 bits, compared by XOR (BEP 5), and tied to the address of their node (BEP 42), so that nobody can
// choose to stand next to a torrent.

import { crc32c } from "../../base/crc32c.ts";
import { addressBytes } from "../compact/address.ts";

export const NODE_ID_BYTES = 20;

/** Negative when `a` is nearer to the target than `b`. */
export function compareDistance(target: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  for (let n = 0; n < NODE_ID_BYTES; n++) {
    const wanted = target[n] ?? 0;
    const difference = ((a[n] ?? 0) ^ wanted) - ((b[n] ?? 0) ^ wanted);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** How many leading bits two ids share: 160 for equal ones. */
export function sharedBits(a: Uint8Array, b: Uint8Array): number {
  for (let n = 0; n < NODE_ID_BYTES; n++) {
    const difference = (a[n] ?? 0) ^ (b[n] ?? 0);
    if (difference !== 0) return n * 8 + Math.clz32(difference) - 24;
  }
  return NODE_ID_BYTES * 8;
}

const MASK_V4 = [0x03, 0x0f, 0x3f, 0xff];
const MASK_V6 = [0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff];

/** BEP 42: the first 21 bits that a node at this address must have; its last byte is `random`. */
function prefixFor(host: string, random: number): Uint8Array | undefined {
  const address = addressBytes(host);
  if (!address) return undefined;
  const mask = address.length === 4 ? MASK_V4 : MASK_V6;
  const masked = Uint8Array.from(mask, (bits, n) => (address[n] ?? 0) & bits);
  masked[0] = (masked[0] ?? 0) | ((random & 7) << 5);
  const checksum = crc32c(masked);
  return Uint8Array.of(checksum >>> 24, (checksum >>> 16) & 0xff, (checksum >>> 8) & 0xff);
}

/** True when the id belongs to the address, as BEP 42 asks of nodes with public addresses (H74). */
export function idFitsAddress(id: Uint8Array, host: string): boolean {
  const prefix = prefixFor(host, id[NODE_ID_BYTES - 1] ?? 0);
  if (!prefix) return false;
  const third = ((id[2] ?? 0) ^ (prefix[2] ?? 0)) & 0xf8;
  return id[0] === prefix[0] && id[1] === prefix[1] && third === 0;
}

/** An id for a node at the address, from 20 random bytes. */
export function idForAddress(host: string, random: Uint8Array): Uint8Array {
  const id = Uint8Array.from(random);
  const prefix = prefixFor(host, id[NODE_ID_BYTES - 1] ?? 0);
  if (!prefix) return id;
  id.set(prefix.subarray(0, 2));
  id[2] = ((prefix[2] ?? 0) & 0xf8) | ((id[2] ?? 0) & 0x07);
  return id;
}
