// A stream that is negotiated first and encrypted afterwards; a plain peer's stream passes through unchanged.

import type { Rc4 } from "../../../wire/mse/rc4.ts";
import type { PeerStream, StreamHandlers, TransportName } from "../transport.ts";
import type { Negotiation } from "./negotiation.ts";

type StreamState =
  | { readonly at: "negotiating"; readonly negotiation: Negotiation; readonly settled: (refusal?: string) => void }
  /** Negotiated, and nobody listens yet: what arrives meanwhile waits here. */
  | { readonly at: "waiting"; readonly early: Uint8Array[] }
  | { readonly at: "open"; readonly handlers: StreamHandlers }
  | { readonly at: "closed"; readonly why: string };

/** Buffers for encrypted copies are used again: a block is 16 KiB and its message header. */
const POOLED_BYTES = 17 * 1024;
const POOL_MAX = 32;

export class MseStream implements PeerStream {
  readonly boundInfoHash = undefined;
  readonly #inner: PeerStream;
  readonly #pool: Buffer[] = [];
  #state: StreamState;
  #encrypt: Rc4 | undefined;
  #decrypt: Rc4 | undefined;
  #isMse = false;

  /** `settled` is called once, with a word when the negotiation failed. */
  constructor(inner: PeerStream, negotiation: Negotiation, settled: (refusal?: string) => void) {
    this.#inner = inner;
    this.#state = { at: "negotiating", negotiation, settled };
    const opening = negotiation.start();
    if (opening.length > 0) inner.write(opening);
    inner.start({
      onData: (bytes) => this.#onData(bytes),
      onDrain: () => {
        if (this.#state.at === "open") this.#state.handlers.onDrain();
      },
      onClose: (why) => this.#onClose(why),
    });
  }

  get transport(): TransportName {
    if (!this.#isMse) return this.#inner.transport;
    return this.#inner.transport === "utp" ? "mse-utp" : "mse";
  }

  get remote() {
    return this.#inner.remote;
  }

  get unsentBytes(): number {
    return this.#inner.unsentBytes;
  }

  start(handlers: StreamHandlers): void {
    const state = this.#state;
    if (state.at === "closed") {
      queueMicrotask(() => handlers.onClose(state.why));
      return;
    }
    this.#state = { at: "open", handlers };
    if (state.at !== "waiting") return;
    for (const bytes of state.early) handlers.onData(bytes);
    this.#inner.setReading(true);
  }

  write(bytes: Uint8Array, flushed?: () => void): void {
    const cipher = this.#encrypt;
    if (cipher === undefined) {
      this.#inner.write(bytes, flushed);
      return;
    }
    if (this.#state.at === "closed") {
      flushed?.();
      return;
    }
    const sealed = this.#take(bytes.length);
    cipher.applyTo(bytes, sealed.subarray(0, bytes.length));
    this.#inner.write(sealed.subarray(0, bytes.length), () => {
      if (sealed.length === POOLED_BYTES && this.#pool.length < POOL_MAX) this.#pool.push(sealed);
      flushed?.();
    });
  }

  setReading(reading: boolean): void {
    this.#inner.setReading(reading);
  }

  close(why: string): void {
    this.#inner.close(why);
  }

  #take(bytes: number): Buffer {
    if (bytes > POOLED_BYTES) return Buffer.allocUnsafeSlow(bytes);
    return this.#pool.pop() ?? Buffer.allocUnsafeSlow(POOLED_BYTES);
  }

  #onData(bytes: Uint8Array): void {
    const state = this.#state;
    if (state.at === "negotiating") {
      this.#negotiate(state.negotiation, state.settled, bytes);
      return;
    }
    // The read buffer belongs to the transport below, which is done with it: decrypting in place saves a copy.
    this.#decrypt?.apply(bytes);
    if (state.at === "open") state.handlers.onData(bytes);
    else if (state.at === "waiting") state.early.push(Uint8Array.prototype.slice.call(bytes));
  }

  #negotiate(negotiation: Negotiation, settled: (refusal?: string) => void, bytes: Uint8Array): void {
    const progress = negotiation.receive(bytes);
    if (progress.at === "refused") {
      this.#inner.close(`encryption ${progress.why}`);
      return;
    }
    if (progress.at !== "plain" && progress.send.length > 0) this.#inner.write(progress.send);
    if (progress.at === "waiting") return;
    // Nobody listens until `start`; the window below holds the peer back.
    this.#inner.setReading(false);
    const early = progress.at === "plain" ? progress.received : progress.outcome.payload;
    if (progress.at === "done") {
      this.#isMse = true;
      this.#encrypt = progress.outcome.encrypt;
      this.#decrypt = progress.outcome.decrypt;
    }
    this.#state = { at: "waiting", early: early.length === 0 ? [] : [Uint8Array.from(early)] };
    settled();
  }

  #onClose(why: string): void {
    const state = this.#state;
    this.#state = { at: "closed", why };
    this.#pool.length = 0;
    if (state.at === "negotiating") state.settled(why);
    else if (state.at === "open") state.handlers.onClose(why);
  }
}
