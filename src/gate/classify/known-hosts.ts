// What the gate has learnt of hosts from flows in clear: the ids of Kad nodes. An id is the key to the obfuscated
// datagrams that its node is sent, so that one of them is enough to be sure. No flow is judged by whom it speaks with:
// its own bytes must come out right.

import { createHash } from "node:crypto";
import { Rc4 } from "../../wire/mse/rc4.ts";
import { PROTOCOL, type Segment } from "../../wire/packet/segment.ts";
import { KAD, KAD_CODE, KAD_PACKED } from "./kad-messages.ts";

const HOSTS_MAX = 1 << 16;
const ID_BYTES = 16;
const ID_AT = 2;
const CONTACT_BYTES = 25;
/** Protocol, code, id, port, version; then a count of two bytes. */
const BOOTSTRAP_CONTACTS_AT = 23;
/** Protocol, code, target; then a count of one byte. */
const SEARCH_CONTACTS_AT = 19;
const MARK_BITS = 3;
const FOR_NODE_ID = 0;
const KEY_PART_AT = 1;
const CLEAR_BYTES = 3;
/** What a deciphered datagram begins with (eMule's MAGICVALUE_UDP_SYNC_CLIENT), and how much is needed to see it. */
const MAGIC = [0xc1, 0x2e, 0x5f, 0x39] as const;
const DATAGRAM_BYTES_MIN = 18;
/** Magic, padding's length, two verify keys. */
const INNER_BYTES = 13;

export class KnownHosts {
  // Insertion order is age: the oldest goes first.
  readonly #ids = new Map<number, Uint8Array>();

  get size(): number {
    return this.#ids.size;
  }

  /** Takes from a datagram of a Kad flow in clear whatever ids it tells. */
  learn(s: Segment): void {
    const { bytes: b, payloadBegin: begin } = s;
    const count = s.payloadEnd - begin;
    if (s.version !== 4 || s.protocol !== PROTOCOL.udp || count < ID_AT + ID_BYTES || b[begin] !== KAD) return;
    switch (b[begin + 1] ?? 0) {
      case KAD_CODE.hello:
      case KAD_CODE.helloAnswer:
        this.#keep(s.source3, s.sourcePort, b, begin + ID_AT);
        break;
      case KAD_CODE.bootstrapAnswer:
        this.#keep(s.source3, s.sourcePort, b, begin + ID_AT);
        this.#contacts(b, begin + BOOTSTRAP_CONTACTS_AT, s.payloadEnd);
        break;
      case KAD_CODE.searchAnswer:
        this.#contacts(b, begin + SEARCH_CONTACTS_AT, s.payloadEnd);
        break;
    }
  }

  /** Whether the datagram is one that the node it goes to can decipher as Kad's. */
  opens(s: Segment): boolean {
    if (this.#ids.size === 0 || s.version !== 4 || s.payloadEnd - s.payloadBegin < DATAGRAM_BYTES_MIN) return false;
    if (((s.bytes[s.payloadBegin] as number) & MARK_BITS) !== FOR_NODE_ID) return false;
    const id = this.#ids.get(keyOf(s.destination3, s.destinationPort));
    return id !== undefined && isOpened(id, s.bytes.subarray(s.payloadBegin, s.payloadEnd));
  }

  // Contacts: id, address, two ports, version.
  #contacts(b: Uint8Array, firstAt: number, end: number): void {
    for (let at = firstAt; at + CONTACT_BYTES <= end; at += CONTACT_BYTES) {
      const address =
        ((b[at + 19] as number) << 24) |
        ((b[at + 18] as number) << 16) |
        ((b[at + 17] as number) << 8) |
        (b[at + 16] as number);
      const port = (b[at + 20] as number) | ((b[at + 21] as number) << 8);
      this.#keep(address, port, b, at);
    }
  }

  #keep(address: number, port: number, b: Uint8Array, at: number): void {
    const key = keyOf(address, port);
    this.#ids.delete(key);
    this.#ids.set(key, b.slice(at, at + ID_BYTES));
    if (this.#ids.size <= HOSTS_MAX) return;
    const oldest = this.#ids.keys().next().value;
    if (oldest !== undefined) this.#ids.delete(oldest);
  }
}

function keyOf(address: number, port: number): number {
  return (address >>> 0) * 0x1_0000 + port;
}

// eMule's EncryptedDatagramSocket: MD5 of the node's id and two bytes that travel in clear.
function isOpened(id: Uint8Array, datagram: Uint8Array): boolean {
  const key = createHash("md5").update(id).update(datagram.subarray(KEY_PART_AT, CLEAR_BYTES)).digest();
  const clear = datagram.slice(CLEAR_BYTES, CLEAR_BYTES + INNER_BYTES + 1);
  new Rc4(key).apply(clear);
  if (!MAGIC.every((byte, at) => clear[at] === byte)) return false;
  const isPadded = clear[MAGIC.length] !== 0;
  return isPadded || clear[INNER_BYTES] === KAD || clear[INNER_BYTES] === KAD_PACKED;
}
