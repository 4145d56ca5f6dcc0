// A knock: how the portal shows a device that it is called from outside, and the device the portal that it was reached.
// Both sides know a secret that the device made for this one check; whoever lacks it is told nothing and learns nothing.

import { createHmac, timingSafeEqual } from "node:crypto";

export const KNOCK_TRANSPORTS = ["tcp", "udp"] as const;
export type KnockTransport = (typeof KNOCK_TRANSPORTS)[number];

export const KNOCK_SECRET_BYTES = 32;
const MAGIC = Buffer.from("SGKNOCK1", "latin1");
/** A knock and its answer are equally long: a forged datagram sends nobody more than it cost. */
export const KNOCK_BYTES = MAGIC.length + 32;

/** What the portal sends to the device's port. */
export function knock(secret: Uint8Array, transport: KnockTransport): Buffer {
  return sealed(secret, `knock ${transport}`);
}

/** What the device sends back. */
export function knockAnswer(secret: Uint8Array, transport: KnockTransport): Buffer {
  return sealed(secret, `answer ${transport}`);
}

export function isKnock(bytes: Uint8Array, secret: Uint8Array, transport: KnockTransport): boolean {
  return isSame(bytes, knock(secret, transport));
}

export function isKnockAnswer(bytes: Uint8Array, secret: Uint8Array, transport: KnockTransport): boolean {
  return isSame(bytes, knockAnswer(secret, transport));
}

/** Whether these first bytes of a stream may still become a knock; nothing of the secret is compared. */
export function mayBeKnock(start: Uint8Array): boolean {
  const known = Math.min(start.length, MAGIC.length);
  return start.length <= KNOCK_BYTES && MAGIC.subarray(0, known).equals(start.subarray(0, known));
}

function sealed(secret: Uint8Array, what: string): Buffer {
  return Buffer.concat([MAGIC, createHmac("sha256", secret).update(what).digest()]);
}

function isSame(bytes: Uint8Array, expected: Uint8Array): boolean {
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}
