// What both roles of the MSE handshake share: its constants, its outcome and its reasons to refuse.
// Specification: "Message Stream Encryption" of the Vuze wiki; BEP 8's successor in practice.

import type { KeyExchange } from "./key-exchange.ts";
import type { Rc4 } from "./rc4.ts";

export const MSE_PAD_BYTES_MAX = 512;
export const MSE_VERIFICATION_BYTES = 8;
export const MSE_METHOD_PLAIN = 1;
export const MSE_METHOD_RC4 = 2;
/** The initiator's first payload is a BitTorrent handshake (68 bytes); some clients add their first messages. */
export const MSE_INITIAL_PAYLOAD_BYTES_MAX = 4096;

export type MseMethod = "plain" | "rc4";

export type MseRefusal =
  | "public_key_degenerate"
  | "mark_missing"
  | "torrent_unknown"
  | "verification_wrong"
  | "method_unacceptable"
  | "pad_too_long"
  | "payload_too_long";

export type MseOutcome = {
  readonly method: MseMethod;
  readonly torrentKey: Uint8Array;
  /** For what is sent from here on; absent when the method is plain. */
  readonly encrypt: Rc4 | undefined;
  readonly decrypt: Rc4 | undefined;
  /** Payload that came along with the handshake, already decrypted. */
  readonly payload: Uint8Array;
};

export type MseProgress =
  | { readonly at: "waiting"; readonly send: Uint8Array }
  | { readonly at: "done"; readonly send: Uint8Array; readonly outcome: MseOutcome }
  | { readonly at: "refused"; readonly why: MseRefusal };

export const NOTHING = new Uint8Array(0);

/** What one look at the inbox led to; `again` looks once more, `more` needs more input. */
export type MseTransition =
  | { readonly kind: "again" }
  | { readonly kind: "more" }
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  | { readonly kind: "refuse"; readonly why: MseRefusal }
  | { readonly kind: "finish"; readonly bytes: Uint8Array; readonly outcome: MseOutcome };

export const AGAIN: MseTransition = { kind: "again" };
export const MORE: MseTransition = { kind: "more" };

/** Lets a role advance as far as its input goes and gathers what it wants to send. */
export function advanceWhilePossible(advance: () => MseTransition): MseProgress {
  let send = NOTHING;
  for (;;) {
    const transition = advance();
    switch (transition.kind) {
      case "again":
        break;
      case "send":
        send = Buffer.concat([send, transition.bytes]);
        break;
      case "more":
        return { at: "waiting", send };
      case "refuse":
        return { at: "refused", why: transition.why };
      case "finish":
        return { at: "done", send: Buffer.concat([send, transition.bytes]), outcome: transition.outcome };
    }
  }
}

export function methodBit(method: MseMethod): number {
  return method === "rc4" ? MSE_METHOD_RC4 : MSE_METHOD_PLAIN;
}

export function methodBits(methods: readonly MseMethod[]): number {
  return methods.reduce((bits, method) => bits | methodBit(method), 0);
}

/** 0…512 unpredictable bytes: the length hides the handshake's shape. */
export function randomPad(bytes: (count: number) => Uint8Array): Uint8Array {
  const [high = 0, low = 0] = bytes(2);
  return bytes(((high << 8) | low) % (MSE_PAD_BYTES_MAX + 1));
}

/** How both roles begin: their key, and a pad that hides where it ends. */
export function openingBytes(exchange: KeyExchange, randomBytes: (count: number) => Uint8Array): Uint8Array {
  return Buffer.concat([exchange.publicKey, randomPad(randomBytes)]);
}

export type MseAgreement = {
  readonly method: MseMethod;
  readonly torrentKey: Uint8Array;
  readonly ours: Rc4;
  readonly theirs: Rc4;
  /** Payload that was read as part of the handshake. */
  readonly initial: Uint8Array;
  /** What arrived behind the handshake, as it arrived; decrypted in place where it is encrypted. */
  readonly rest: Uint8Array;
};

/** How both roles end. */
export function outcomeOf({ method, torrentKey, ours, theirs, initial, rest }: MseAgreement): MseOutcome {
  if (method === "plain") {
    return { method, torrentKey, encrypt: undefined, decrypt: undefined, payload: Buffer.concat([initial, rest]) };
  }
  theirs.apply(rest);
  return { method, torrentKey, encrypt: ours, decrypt: theirs, payload: Buffer.concat([initial, rest]) };
}

/** What both roles send once they have their ciphers: proof that they have them, methods, a pad, and what stands behind. */
export function sealMethods(bits: number, pad: Uint8Array, cipher: Rc4, behind: Uint8Array = NOTHING): Uint8Array {
  const head = Buffer.alloc(MSE_VERIFICATION_BYTES + 4 + 2);
  head.writeUInt32BE(bits, MSE_VERIFICATION_BYTES);
  head.writeUInt16BE(pad.length, MSE_VERIFICATION_BYTES + 4);
  const sealed = Buffer.concat([head, pad, behind]);
  cipher.apply(sealed);
  return sealed;
}
