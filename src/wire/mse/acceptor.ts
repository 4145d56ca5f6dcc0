// The accepting side of the MSE handshake, without I/O.

import { asBuffer, bytesEqual } from "../../base/bytes.ts";
import {
  AGAIN,
  advanceWhilePossible,
  MORE,
  MSE_INITIAL_PAYLOAD_BYTES_MAX,
  MSE_PAD_BYTES_MAX,
  MSE_VERIFICATION_BYTES,
  type MseMethod,
  type MseProgress,
  type MseTransition,
  methodBit,
  openingBytes,
  outcomeOf,
  randomPad,
  sealMethods,
} from "./handshake.ts";
import { Inbox } from "./inbox.ts";
import { KeyExchange, MSE_PRIVATE_KEY_BYTES, MSE_PUBLIC_KEY_BYTES } from "./key-exchange.ts";
import { blindTorrentMark, deriveCiphers, type MseCiphers, secretMark } from "./keys.ts";

const VERIFICATION = new Uint8Array(MSE_VERIFICATION_BYTES);
const MARK_BYTES = 20;

export type MseAcceptorOptions = {
  /** The info-hash whose torrentMark() this is; undefined refuses the connection. */
  readonly torrentKeyOf: (mark: Uint8Array) => Uint8Array | undefined;
  /** What we speak, the most wanted first; never empty. */
  readonly methods: readonly MseMethod[];
  readonly randomBytes: (count: number) => Uint8Array;
};

type Agreed = { readonly torrentKey: Uint8Array; readonly ciphers: MseCiphers };

type AcceptorState =
  | { readonly at: "key" }
  | { readonly at: "mark"; readonly secret: Uint8Array }
  | { readonly at: "torrent"; readonly secret: Uint8Array }
  | ({ readonly at: "offer" } & Agreed)
  | ({ readonly at: "pad"; readonly method: MseMethod; readonly padBytes: number } & Agreed)
  | ({ readonly at: "payload"; readonly method: MseMethod; readonly payloadBytes: number } & Agreed)
  | { readonly at: "over" };

export class MseAcceptor {
  readonly #options: MseAcceptorOptions;
  readonly #inbox = new Inbox();
  #state: AcceptorState = { at: "key" };

  constructor(options: MseAcceptorOptions) {
    this.#options = options;
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
        return this.#findMark(state.secret);
      case "torrent":
        return this.#takeTorrent(state.secret);
      case "offer":
        return this.#takeOffer(state);
      case "pad":
        return this.#takePad(state, state.method, state.padBytes);
      case "payload":
        return this.#takePayload(state, state.method, state.payloadBytes);
      case "over":
        return MORE;
    }
  }

  #takeKey(): MseTransition {
    const peerKey = this.#inbox.take(MSE_PUBLIC_KEY_BYTES);
    if (peerKey === undefined) return MORE;
    const exchange = new KeyExchange(this.#options.randomBytes(MSE_PRIVATE_KEY_BYTES));
    const secret = exchange.secret(peerKey);
    if (secret === undefined) return { kind: "refuse", why: "public_key_degenerate" };
    this.#state = { at: "mark", secret };
    return { kind: "send", bytes: openingBytes(exchange, this.#options.randomBytes) };
  }

  #findMark(secret: Uint8Array): MseTransition {
    const search = this.#inbox.skipPast(secretMark(secret), MSE_PAD_BYTES_MAX);
    if (search === "far") return { kind: "refuse", why: "mark_missing" };
    if (search === "waiting") return MORE;
    this.#state = { at: "torrent", secret };
    return AGAIN;
  }

  #takeTorrent(secret: Uint8Array): MseTransition {
    const blinded = this.#inbox.take(MARK_BYTES);
    if (blinded === undefined) return MORE;
    const torrentKey = this.#options.torrentKeyOf(blindTorrentMark(blinded, secret));
    if (torrentKey === undefined) return { kind: "refuse", why: "torrent_unknown" };
    this.#state = { at: "offer", torrentKey, ciphers: deriveCiphers(secret, torrentKey) };
    return AGAIN;
  }

  #takeOffer({ torrentKey, ciphers }: Agreed): MseTransition {
    const sealed = this.#inbox.take(MSE_VERIFICATION_BYTES + 4 + 2);
    if (sealed === undefined) return MORE;
    ciphers.fromInitiator.apply(sealed);
    if (!bytesEqual(sealed.subarray(0, MSE_VERIFICATION_BYTES), VERIFICATION))
      return { kind: "refuse", why: "verification_wrong" };
    const offer = asBuffer(sealed);
    const provided = offer.readUInt32BE(8);
    const method = this.#options.methods.find((candidate) => (provided & methodBit(candidate)) !== 0);
    if (method === undefined) return { kind: "refuse", why: "method_unacceptable" };
    const padBytes = offer.readUInt16BE(12);
    if (padBytes > MSE_PAD_BYTES_MAX) return { kind: "refuse", why: "pad_too_long" };
    this.#state = { at: "pad", torrentKey, ciphers, method, padBytes };
    return AGAIN;
  }

  #takePad({ torrentKey, ciphers }: Agreed, method: MseMethod, padBytes: number): MseTransition {
    const sealed = this.#inbox.take(padBytes + 2);
    if (sealed === undefined) return MORE;
    ciphers.fromInitiator.apply(sealed);
    const payloadBytes = asBuffer(sealed).readUInt16BE(padBytes);
    if (payloadBytes > MSE_INITIAL_PAYLOAD_BYTES_MAX) return { kind: "refuse", why: "payload_too_long" };
    this.#state = { at: "payload", torrentKey, ciphers, method, payloadBytes };
    return AGAIN;
  }

  #takePayload({ torrentKey, ciphers }: Agreed, method: MseMethod, payloadBytes: number): MseTransition {
    const initial = this.#inbox.take(payloadBytes);
    if (initial === undefined) return MORE;
    ciphers.fromInitiator.apply(initial);
    this.#state = { at: "over" };
    return {
      kind: "finish",
      bytes: sealMethods(methodBit(method), randomPad(this.#options.randomBytes), ciphers.fromAcceptor),
      outcome: outcomeOf({
        method,
        torrentKey,
        ours: ciphers.fromAcceptor,
        theirs: ciphers.fromInitiator,
        initial,
        rest: this.#inbox.takeAll(),
      }),
    };
  }
}
