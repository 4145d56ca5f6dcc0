// A member of a closed swarm for tests: a transport by TLS over TCP or uTP that echoes what it is sent.

import { ok as truthy } from "node:assert/strict";
import { realWorld } from "../../../world/real/world.ts";
import type { TlsIdentity } from "../../../world/tls.ts";
import type { Listening, PeerStream } from "../transport.ts";
import { UtpTransport } from "../utp/transport.ts";
import type { SwarmIdentity } from "./swarm-identity.ts";
import { TlsTransport } from "./transport.ts";

export const INFO_HASH = new Uint8Array(20).fill(0xab);
export const NEVER = new AbortController().signal;

export function swarm(tls: TlsIdentity, options: Partial<SwarmIdentity> = {}): SwarmIdentity {
  return { infoHashes: [INFO_HASH], torrentName: "survey", tls, wildcard: "accept", ...options };
}

export type Carried = "TCP" | "uTP";
export const CARRIED: readonly Carried[] = ["TCP", "uTP"];

export class Host {
  readonly transport: TlsTransport;
  readonly accepted: PeerStream[] = [];
  readonly closes: string[] = [];
  readonly #closed = Promise.withResolvers<string>();
  /** Why the first of its streams ended. */
  readonly firstClosed = this.#closed.promise;
  #listening: Listening | undefined;

  constructor(carried: Carried = "TCP") {
    this.transport = new TlsTransport(realWorld, carried === "TCP" ? {} : { over: new UtpTransport(realWorld) });
  }

  async listen(mayAccept: () => boolean = () => true): Promise<Listening> {
    const at = { host: "127.0.0.1", port: 0 };
    const accept = (stream: PeerStream) => {
      this.accepted.push(stream);
      const onClose = (why: string) => {
        this.closes.push(why);
        this.#closed.resolve(why);
      };
      stream.start({ onData: (bytes) => stream.write(Uint8Array.from(bytes)), onDrain: () => undefined, onClose });
    };
    const listening = await this.transport.listen({ at, infoHashes: () => [INFO_HASH], mayAccept, accept });
    truthy(listening.ok);
    this.#listening = listening.value;
    return listening.value;
  }

  [Symbol.dispose](): void {
    for (const stream of this.accepted) stream.close("test over");
    void this.#listening?.close();
    void this.transport.close();
  }
}
