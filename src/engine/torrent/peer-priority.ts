// Canonical peer priority (BEP 40): a number that both ends of a connection compute alike. Who dials and drops by it
// leaves newcomers a place, and an attacker no more places than its addresses are worth.

import { crc32c } from "../../base/crc32c.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import { addressBytes } from "../../wire/compact/address.ts";

/** So many leading bytes of an address count in full; of the others, every second bit. */
const WHOLE_BYTES_MIN: Readonly<Record<number, number>> = { 4: 2, 16: 6 };
const HALF_MASK = 0x55;

/** Greater goes first. Undefined for addresses of two families: they cannot meet. */
export function peerPriority(a: Endpoint, b: Endpoint): number | undefined {
  const [left, right] = [addressBytes(a.host), addressBytes(b.host)];
  if (left === undefined || right?.length !== left.length) return undefined;
  const differsAt = left.findIndex((byte, n) => byte !== right[n]);
  if (differsAt < 0) return crc32c(sorted(portBytes(a.port), portBytes(b.port)));
  const wholeBytes = Math.max(WHOLE_BYTES_MIN[left.length] ?? 0, differsAt + 1);
  return crc32c(sorted(masked(left, wholeBytes), masked(right, wholeBytes)));
}

function masked(address: readonly number[], wholeBytes: number): Uint8Array {
  return Uint8Array.from(address, (byte, n) => (n < wholeBytes ? byte : byte & HALF_MASK));
}

function portBytes(port: number): Uint8Array {
  return Uint8Array.of(port >> 8, port & 0xff);
}

function sorted(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Buffer.concat([a, b].toSorted(Buffer.compare));
}
