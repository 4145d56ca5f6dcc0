// What a newcomer on a BitTorrent port speaks, told by its first bytes: never by asking it.

const PLAIN_OPENING = new TextEncoder().encode("\u{13}BitTorrent protocol");

export type Opening = "plain" | "mse" | "unknown";

/** A plain handshake differs from a random public key at its first bytes; `unknown` needs more of them. */
export function openingOf(bytes: Uint8Array): Opening {
  const known = Math.min(bytes.length, PLAIN_OPENING.length);
  for (let at = 0; at < known; at++) {
    if (bytes[at] !== PLAIN_OPENING[at]) return "mse";
  }
  return known === PLAIN_OPENING.length ? "plain" : "unknown";
}
