// What MSE derives from the shared secret S and the torrent's key SKEY (its 20-byte info-hash).

import { createHash } from "node:crypto";
import { Rc4 } from "./rc4.ts";

const DISCARD_BYTES = 1024;

/** HASH('req1', S): the mark that ends the initiator's padding. */
export function secretMark(secret: Uint8Array): Uint8Array {
  return sha1("req1", secret);
}

/** HASH('req2', SKEY): what an acceptor indexes its torrents by. */
export function torrentMark(torrentKey: Uint8Array): Uint8Array {
  return sha1("req2", torrentKey);
}

/** HASH('req2', SKEY) xor HASH('req3', S): either operand gives the other. */
export function blindTorrentMark(mark: Uint8Array, secret: Uint8Array): Uint8Array {
  const blind = sha1("req3", secret);
  return mark.map((byte, index) => byte ^ (blind[index] ?? 0));
}

export type MseCiphers = {
  /** The stream from the initiator to the acceptor. */
  readonly fromInitiator: Rc4;
  readonly fromAcceptor: Rc4;
};

export function deriveCiphers(secret: Uint8Array, torrentKey: Uint8Array): MseCiphers {
  return {
    fromInitiator: derivedCipher("keyA", secret, torrentKey),
    fromAcceptor: derivedCipher("keyB", secret, torrentKey),
  };
}

function derivedCipher(label: string, secret: Uint8Array, torrentKey: Uint8Array): Rc4 {
  const cipher = new Rc4(sha1(label, secret, torrentKey));
  cipher.skip(DISCARD_BYTES);
  return cipher;
}

function sha1(label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha1").update(label, "latin1");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
