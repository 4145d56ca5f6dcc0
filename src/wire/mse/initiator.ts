// The dialling side of the MSE handshake, without I/O: bytes in, bytes to send and an outcome out.

import { asBuffer } from "../../base/bytes.ts";
import {
  AGAIN,
  advanceWhilePossible,
  MORE,
  MSE_METHOD_PLAIN,
  MSE_METHOD_RC4,
  MSE_PAD_BYTES_MAX,
  MSE_VERIFICATION_BYTES,
  type MseMethod,
  type MseProgress,
  type MseTransition,
  methodBits,
  NOTHING,
  openingBytes,
  outcomeOf,
  randomPad,
  sealMethods,
} from "./handshake.ts";
import { Inbox } from "./inbox.ts";
import { KeyExchange, MSE_PRIVATE_KEY_BYTES, MSE_PUBLIC_KEY_BYTES } from "./key-exchange.ts";
import { blindTorrentMark, deriveCiphers, type MseCiphers, secretMark, torrentMark } from "./keys.ts";

export type MseInitiatorOptions = {
  /** The 20-byte info-hash that both sides must know. */
  readonly torrentKey: Uint8Array;
  /** What we would speak afterwards; never empty. */
  readonly methods: readonly MseMethod[];
  /** The BitTorrent handshake: it travels with the negotiation and saves a round trip. */
  readonly initialPayload: Uint8Array;
  readonly randomBytes: (count: number) => Uint8Array;
};

type InitiatorState =
  | { readonly at: "key" }
  | { readonly at: "mark"; readonly ciphers: MseCiphers; readonly mark: Uint8Array }
  | { readonly at: "answer"; readonly ciphers: MseCiphers }
  | { readonly at: "pad"; readonly ciphers: MseCiphers; readonly method: MseMethod; readonly padBytes: number }
  | { readonly at: "over" };

export class MseInitiator {
  readonly #options: MseInitiatorOptions;
  readonly #exchange: KeyExchange;
  readonly #inbox = new Inbox();
  #state: InitiatorState = { at: "key" };

  constructor(options: MseInitiatorOptions) {
    this.#options = options;
    this.#exchange = new KeyExchange(options.randomBytes(MSE_PRIVATE_KEY_BYTES));
  }

  /** The first bytes on the wire. */
  start(): Uint8Array {
    return openingBytes(this.#exchange, this.#options.randomBytes);
  }

  /** Call with every chunk until the progress is done or refused. */
  receive(chunk: Uint8Array): MseProgress {
    this.#inbox.push(chunk);
    return advanceWhilePossible(() => {
      const transition = this.#advance();
      if (transition.kind === "refuse") this.#state = { at: "over" };
      return transition;
    });
  }

  #advance(): MseTransition {
    const state = this.#state;
    switch (state.at) {
      case "key":
        return this.#takeKey();
      case "mark":
        return this.#findMark(state.ciphers, state.mark);
      case "answer":
        return this.#takeAnswer(state.ciphers);
      case "pad":
        return this.#takePad(state.ciphers, state.method, state.padBytes);
      case "over":
        return MORE;
    }
  }

  #takeKey(): MseTransition {
    const peerKey = this.#inbox.take(MSE_PUBLIC_KEY_BYTES);
    if (peerKey === undefined) return MORE;
    const secret = this.#exchange.secret(peerKey);
    if (secret === undefined) return { kind: "refuse", why: "public_key_degenerate" };
    const ciphers = deriveCiphers(secret, this.#options.torrentKey);
    // The verification constant is eight zeros, so its encryption is the key stream itself.
    const mark = new Uint8Array(MSE_VERIFICATION_BYTES);
    ciphers.fromAcceptor.apply(mark);
    this.#state = { at: "mark", ciphers, mark };
    return { kind: "send", bytes: this.#offer(secret, ciphers) };
  }

  #offer(secret: Uint8Array, ciphers: MseCiphers): Uint8Array {
    const { torrentKey, methods, initialPayload, randomBytes } = this.#options;
    const payloadBytes = Buffer.alloc(2);
    payloadBytes.writeUInt16BE(initialPayload.length);
    const behind = Buffer.concat([payloadBytes, initialPayload]);
    const sealed = sealMethods(methodBits(methods), randomPad(randomBytes), ciphers.fromInitiator, behind);
    return Buffer.concat([secretMark(secret), blindTorrentMark(torrentMark(torrentKey), secret), sealed]);
  }

  #findMark(ciphers: MseCiphers, mark: Uint8Array): MseTransition {
    const search = this.#inbox.skipPast(mark, MSE_PAD_BYTES_MAX);
    if (search === "far") return { kind: "refuse", why: "mark_missing" };
    if (search === "waiting") return MORE;
    this.#state = { at: "answer", ciphers };
    return AGAIN;
  }

  #takeAnswer(ciphers: MseCiphers): MseTransition {
    const sealed = this.#inbox.take(6);
    if (sealed === undefined) return MORE;
    ciphers.fromAcceptor.apply(sealed);
    const answer = asBuffer(sealed);
    const method = chosenMethod(answer.readUInt32BE(0));
    if (method === undefined || !this.#options.methods.includes(method)) {
      return { kind: "refuse", why: "method_unacceptable" };
    }
    const padBytes = answer.readUInt16BE(4);
    if (padBytes > MSE_PAD_BYTES_MAX) return { kind: "refuse", why: "pad_too_long" };
    this.#state = { at: "pad", ciphers, method, padBytes };
    return AGAIN;
  }

  #takePad(ciphers: MseCiphers, method: MseMethod, padBytes: number): MseTransition {
    const pad = this.#inbox.take(padBytes);
    if (pad === undefined) return MORE;
    ciphers.fromAcceptor.apply(pad);
    this.#state = { at: "over" };
    const outcome = outcomeOf({
      method,
      torrentKey: this.#options.torrentKey,
      ours: ciphers.fromInitiator,
      theirs: ciphers.fromAcceptor,
      initial: NOTHING,
      rest: this.#inbox.takeAll(),
    });
    return { kind: "finish", bytes: NOTHING, outcome };
  }
}

function chosenMethod(bits: number): MseMethod | undefined {
  if (bits === MSE_METHOD_RC4) return "rc4";
  return bits === MSE_METHOD_PLAIN ? "plain" : undefined;
}
