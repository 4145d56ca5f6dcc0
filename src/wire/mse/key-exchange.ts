// The Diffie-Hellman exchange of MSE: the 768-bit prime of RFC 2409 with a twist in its tail, generator 2.

import { toHex } from "../../base/bytes.ts";

export const MSE_PUBLIC_KEY_BYTES = 96;
// The specification asks for at least 128 bits and recommends 160: a longer exponent only costs time here.
export const MSE_PRIVATE_KEY_BYTES = 20;

const PRIME = BigInt(
  "0xFFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563",
);

export class KeyExchange {
  readonly publicKey: Uint8Array;
  readonly #exponent: bigint;

  /** `privateKey`: MSE_PRIVATE_KEY_BYTES unpredictable bytes. */
  constructor(privateKey: Uint8Array) {
    this.#exponent = toBigInt(privateKey);
    this.publicKey = toBytes(power(2n, this.#exponent));
  }

  /** The shared secret; undefined for a public key that would make it guessable. */
  secret(peerPublicKey: Uint8Array): Uint8Array | undefined {
    const peer = toBigInt(peerPublicKey);
    if (peer < 2n || peer >= PRIME - 1n) return undefined;
    return toBytes(power(peer, this.#exponent));
  }
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
  }
  return result;
}

function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x0${toHex(bytes)}`);
}

function toBytes(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(MSE_PUBLIC_KEY_BYTES * 2, "0"), "hex");
}
