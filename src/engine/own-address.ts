// What our address is from outside, as peers say it (BEP 10's `yourip`). A hint that only orders peers: each may lie.

import { type AddressFamily, familyOfHost } from "../wire/compact/address.ts";

const VOTERS_MAX = 64;

export class OwnAddress {
  /** Who said what; the oldest voice is forgotten. */
  readonly #voices: Readonly<Record<AddressFamily, Map<string, string>>> = { 4: new Map(), 6: new Map() };
  readonly #chosen: Record<AddressFamily, string | undefined> = { 4: undefined, 6: undefined };

  /** One voice for each host, and only about the family that it sees us by. */
  said(address: string, voter: string): void {
    const family = familyOfHost(voter);
    if (familyOfHost(address) !== family) return;
    const voices = this.#voices[family];
    voices.delete(voter);
    voices.set(voter, address);
    const [oldest] = voices.keys();
    if (voices.size > VOTERS_MAX && oldest !== undefined) voices.delete(oldest);
    this.#chosen[family] = mostNamed(voices.values());
  }

  /** The address that most name; undefined while nobody said. */
  of(family: AddressFamily): string | undefined {
    return this.#chosen[family];
  }
}

function mostNamed(addresses: Iterable<string>): string | undefined {
  const counts = new Map<string, number>();
  let most: string | undefined;
  for (const address of addresses) {
    const count = (counts.get(address) ?? 0) + 1;
    counts.set(address, count);
    if (most === undefined || count > (counts.get(most) ?? 0)) most = address;
  }
  return most;
}
