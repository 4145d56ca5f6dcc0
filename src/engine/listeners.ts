// Where the engine accepts peers: each place by every transport that can, under one port, because a peer's address is one
// port however it is dialled.

import type { Failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { type Endpoint, formatEndpoint } from "../domain/address/endpoint.ts";
import type { Listening, ListenRequest, Transport, TransportName } from "./transport/transport.ts";

/** IPv4 first: it is the one that every machine has. */
const EVERY_ADDRESS = ["0.0.0.0", "::"] as const;
/** A port that is free for one transport or family may be taken for the next. */
const FREE_PORT_TRIES_MAX = 8;

type Bound = { readonly transport: TransportName; readonly listening: Listening };
type Ports = { open: number; closed: number };

export class Listeners {
  readonly #transports: readonly Transport[];
  readonly #request: Omit<ListenRequest, "at">;
  readonly #bound: Bound[] = [];

  constructor(transports: readonly Transport[], request: Omit<ListenRequest, "at">) {
    this.#transports = transports;
    this.#request = request;
  }

  /** `::` is every address of the machine, of both families where it has both. Failure codes: engine.listen_failed. */
  async open(places: readonly Endpoint[]): Promise<Result<undefined, Failure>> {
    for (const { host, port } of places) {
      const opened = await this.#openPlace(host === "::" ? EVERY_ADDRESS : [host], port);
      if (!opened.ok) return opened;
      this.#bound.push(...opened.value);
    }
    return ok();
  }

  at(transports: readonly TransportName[] | undefined): readonly Endpoint[] {
    const places = new Map<string, Endpoint>();
    for (const { transport, listening } of this.#bound) {
      if (transports?.includes(transport) !== false) places.set(formatEndpoint(listening.at), listening.at);
    }
    return [...places.values()];
  }

  async close(): Promise<void> {
    await closeAll(this.#bound);
  }

  async #openPlace(hosts: readonly string[], port: number): Promise<Result<readonly Bound[], Failure>> {
    for (let tries = 1; ; tries++) {
      const opened = await this.#openHosts(hosts, port);
      const another = port === 0 && tries < FREE_PORT_TRIES_MAX;
      if (opened.ok || !isTaken(opened.error) || !another) return opened;
    }
  }

  async #openHosts(hosts: readonly string[], port: number): Promise<Result<readonly Bound[], Failure>> {
    // Closed swarms have a port of their own, the same for TCP and uTP.
    const ports: Ports = { open: port, closed: port };
    const bound: Bound[] = [];
    let missing: Failure | undefined;
    for (const host of hosts) {
      const opened = await this.#openHost(host, ports);
      if (opened.ok) bound.push(...opened.value);
      else if (hosts.length === 1 || isTaken(opened.error)) {
        await closeAll(bound);
        return opened;
      } else missing ??= opened.error; // A machine without one family has the other.
    }
    return bound.length === 0 && missing !== undefined ? err(missing) : ok(bound);
  }

  async #openHost(host: string, ports: Ports): Promise<Result<readonly Bound[], Failure>> {
    const bound: Bound[] = [];
    for (const transport of this.#transports) {
      const kind = transport.name === "tls" || transport.name === "tls-utp" ? "closed" : "open";
      const listening = await transport.listen?.({ ...this.#request, at: { host, port: ports[kind] } });
      if (listening === undefined) continue;
      if (!listening.ok) {
        await closeAll(bound);
        return listening;
      }
      bound.push({ transport: transport.name, listening: listening.value });
      ports[kind] = listening.value.at.port;
    }
    return ok(bound);
  }
}

function isTaken(error: Failure): boolean {
  return error.data["why"] === "port-taken";
}

async function closeAll(bound: readonly Bound[]): Promise<void> {
  await Promise.all(bound.map(({ listening }) => listening.close()));
}
