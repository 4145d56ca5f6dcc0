// Fixed fields: most encrypted protocols put a mark, a version, a kind or a counter before their ciphertext. What begins
// with two bytes that the other flights have as well, or with zeros, is no key exchange of random numbers.

const COMPARED_BYTES = 4;
const ZEROS_LOOKED_BYTES = 8;
/** Kinds and versions are small numbers. */
const SMALL = 0x20;

/** Whether the flights' first bytes look like one header; chance does that once in a few hundred. */
export function areHeaded(flights: readonly Uint8Array[]): boolean {
  if (flights.some((flight) => zeros(flight) >= 2)) return true;
  if (flights.every((flight) => (flight[0] ?? SMALL) < SMALL)) return true;
  if (flights.every((flight) => flight[0] === flights[0]?.[0])) return true;
  return flights.some((one, at) => flights.slice(at + 1).some((other) => sameBytes(one, other) >= 2));
}

function zeros(flight: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < Math.min(flight.length, ZEROS_LOOKED_BYTES); at += 1) if (flight[at] === 0) count += 1;
  return count;
}

function sameBytes(one: Uint8Array, other: Uint8Array): number {
  let count = 0;
  const compared = Math.min(one.length, other.length, COMPARED_BYTES);
  for (let at = 0; at < compared; at += 1) if (one[at] === other[at]) count += 1;
  return count;
}
