// MSE around another transport. `prefer` speaks encrypted where the peer can and plainly where it cannot; `require`
// refuses plain peers. (`off` is the transport below without this one.)

import { type Failure, failure } from "../../../base/failure.ts";
import { err, ok, type Result } from "../../../base/result.ts";
import { formatEndpoint } from "../../../domain/address/endpoint.ts";
import type { MseMethod } from "../../../wire/mse/handshake.ts";
import type { Clock } from "../../../world/clock.ts";
import type { Entropy } from "../../../world/entropy.ts";
import type { DialRequest, Listening, ListenRequest, PeerStream, Transport, TransportName } from "../transport.ts";
import { AcceptedNegotiation, dialledNegotiation, type Negotiation } from "./negotiation.ts";
import { MseStream } from "./stream.ts";
import { TorrentMarks } from "./torrent-marks.ts";

export type MsePolicy = "prefer" | "require";

export type MseOptions = { readonly inner: Transport; readonly policy: MsePolicy };
export type MseWorld = { readonly clock: Clock; readonly entropy: Entropy };

const NEGOTIATION_MS_MAX = 15_000;
const METHODS: Readonly<Record<MsePolicy, readonly MseMethod[]>> = { prefer: ["rc4", "plain"], require: ["rc4"] };

export class MseTransport implements Transport {
  readonly name: TransportName;
  readonly #inner: Transport;
  readonly #policy: MsePolicy;
  readonly #world: MseWorld;

  constructor({ inner, policy }: MseOptions, world: MseWorld) {
    this.name = inner.name === "utp" ? "mse-utp" : "mse";
    this.#inner = inner;
    this.#policy = policy;
    this.#world = world;
  }

  async dial(request: DialRequest): Promise<Result<PeerStream, Failure>> {
    const inner = await this.#inner.dial(request);
    if (!inner.ok) return inner;
    const negotiation = dialledNegotiation({
      torrentKey: request.infoHash,
      methods: METHODS[this.#policy],
      // The session writes its handshake when it has the stream.
      initialPayload: new Uint8Array(0),
      randomBytes: (count) => this.#world.entropy.bytes(count),
    });
    const onAbort = () => inner.value.close("timed-out");
    request.signal.addEventListener("abort", onAbort, { once: true });
    const { stream, refusal } = await this.#negotiated(inner.value, negotiation);
    request.signal.removeEventListener("abort", onAbort);
    if (refusal === undefined) return ok(stream);
    // A peer without MSE takes our key for garbage and hangs up.
    if (this.#policy === "prefer" && !request.signal.aborted) return this.#inner.dial(request);
    return err(failure("engine.peer_unreachable", { peer: formatEndpoint(request.remote), why: refusal }));
  }

  async listen(request: ListenRequest): Promise<Result<Listening, Failure>> {
    if (this.#inner.listen === undefined) {
      return err(failure("engine.listen_failed", { at: formatEndpoint(request.at), why: "not-supported" }));
    }
    const marks = new TorrentMarks(request.infoHashes);
    return this.#inner.listen({
      ...request,
      accept: (inner) => {
        const negotiation = new AcceptedNegotiation({
          torrentKeyOf: (mark) => marks.find(mark),
          methods: METHODS[this.#policy],
          plainAllowed: this.#policy === "prefer",
          randomBytes: (count) => this.#world.entropy.bytes(count),
        });
        void this.#negotiated(inner, negotiation).then(({ stream, refusal }) => {
          if (refusal === undefined) request.accept(stream);
        });
      },
    });
  }

  async close(): Promise<void> {
    await this.#inner.close?.();
  }

  #negotiated(inner: PeerStream, negotiation: Negotiation): Promise<{ stream: MseStream; refusal?: string }> {
    return new Promise((resolve) => {
      const timer = this.#world.clock.after(NEGOTIATION_MS_MAX, () => inner.close("timed-out"));
      const stream: MseStream = new MseStream(inner, negotiation, (refusal) => {
        timer.cancel();
        // The promise keeps `stream` out of its own constructor's reach.
        queueMicrotask(() => resolve(refusal === undefined ? { stream } : { stream, refusal }));
      });
    });
  }
}
