// What has to be settled before a stream carries BitTorrent: encrypted or plain, and by which torrent's key.

import { MseAcceptor, type MseAcceptorOptions } from "../../../wire/mse/acceptor.ts";
import type { MseOutcome, MseRefusal } from "../../../wire/mse/handshake.ts";
import { MseInitiator, type MseInitiatorOptions } from "../../../wire/mse/initiator.ts";
import { openingOf } from "../../../wire/mse/opening.ts";

export type NegotiationProgress =
  | { readonly at: "waiting"; readonly send: Uint8Array }
  | { readonly at: "done"; readonly send: Uint8Array; readonly outcome: MseOutcome }
  /** The peer speaks without encryption; `received` belongs to its handshake. */
  | { readonly at: "plain"; readonly received: Uint8Array }
  | { readonly at: "refused"; readonly why: MseRefusal | "plain_refused" };

export interface Negotiation {
  start(): Uint8Array;
  receive(chunk: Uint8Array): NegotiationProgress;
}

export function dialledNegotiation(options: MseInitiatorOptions): Negotiation {
  return new MseInitiator(options);
}

/** Tells by the first bytes whether a newcomer speaks MSE or plainly. */
export class AcceptedNegotiation implements Negotiation {
  readonly #acceptor: MseAcceptor;
  readonly #plainAllowed: boolean;
  #undecided = Buffer.alloc(0);
  #isMse = false;

  constructor(options: MseAcceptorOptions & { readonly plainAllowed: boolean }) {
    this.#acceptor = new MseAcceptor(options);
    this.#plainAllowed = options.plainAllowed;
  }

  start(): Uint8Array {
    return new Uint8Array(0);
  }

  receive(chunk: Uint8Array): NegotiationProgress {
    if (this.#isMse) return this.#acceptor.receive(chunk);
    this.#undecided = Buffer.concat([this.#undecided, chunk]);
    const opening = openingOf(this.#undecided);
    if (opening === "unknown") return { at: "waiting", send: new Uint8Array(0) };
    if (opening === "plain") {
      if (!this.#plainAllowed) return { at: "refused", why: "plain_refused" };
      return { at: "plain", received: this.#undecided };
    }
    this.#isMse = true;
    return this.#acceptor.receive(this.#undecided);
  }
}
