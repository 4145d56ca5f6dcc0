import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { failure } from "../base/failure.ts";
import { err, ok } from "../base/result.ts";
import { formatEndpoint } from "../domain/address/endpoint.ts";
import { Listeners } from "./listeners.ts";
import type { Transport, TransportName } from "./transport/transport.ts";

/** A machine whose next free ports are known, and which says why a place cannot be had. */
class Machine {
  readonly open = new Set<string>();
  readonly #refusalOf: (place: string) => string | undefined;
  #freePort = 1000;

  constructor(refusalOf: (place: string) => string | undefined = () => undefined) {
    this.#refusalOf = refusalOf;
  }

  transport(name: TransportName): Transport {
    return {
      name,
      dial: () => Promise.reject(new Error("nobody is dialled here")),
      listen: async ({ at }) => {
        const bound = { host: at.host, port: at.port === 0 ? this.#freePort++ : at.port };
        const place = `${name} ${formatEndpoint(bound)}`;
        const why = this.#refusalOf(place);
        if (why !== undefined) return err(failure("engine.listen_failed", { at: formatEndpoint(bound), why }));
        this.open.add(place);
        return ok({
          at: bound,
          close: async () => {
            this.open.delete(place);
          },
        });
      },
    };
  }

  listeners(...names: readonly TransportName[]): Listeners {
    return new Listeners(
      names.map((name) => this.transport(name)),
      { infoHashes: () => [], mayAccept: () => true, accept: () => undefined },
    );
  }
}

test("every address is both families and all transports under one port, IPv4 named first", async () => {
  const machine = new Machine();
  const listeners = machine.listeners("tcp", "utp");
  equal((await listeners.open([{ host: "::", port: 0 }])).ok, true);
  deepEqual([...machine.open], ["tcp 0.0.0.0:1000", "utp 0.0.0.0:1000", "tcp [::]:1000", "utp [::]:1000"]);
  deepEqual(listeners.at(undefined).map(formatEndpoint), ["0.0.0.0:1000", "[::]:1000"]);
  await listeners.close();
  equal(machine.open.size, 0);
});

test("a port that is free for one and taken for another is given back, and the next one is tried", async () => {
  const machine = new Machine((place) =>
    /^(utp 0.0.0.0:1000|tcp \[::\]:1001)$/.test(place) ? "port-taken" : undefined,
  );
  const listeners = machine.listeners("tcp", "utp");
  equal((await listeners.open([{ host: "::", port: 0 }])).ok, true);
  deepEqual(listeners.at(undefined).map(formatEndpoint), ["0.0.0.0:1002", "[::]:1002"]);
  equal(machine.open.size, 4, "nothing of the ports before is still open");
});

test("a port that was asked for by number is not exchanged for another", async () => {
  const machine = new Machine((place) => (place === "tcp [::]:6881" ? "port-taken" : undefined));
  const opened = await machine.listeners("tcp").open([{ host: "::", port: 6881 }]);
  equal(opened.ok ? "" : opened.error.data["at"], "[::]:6881");
  equal(machine.open.size, 0);
});

test("a machine without IPv6 listens at IPv4, and says nothing", async () => {
  const machine = new Machine((place) => (place.includes("[::]") ? "EAFNOSUPPORT" : undefined));
  const listeners = machine.listeners("tcp", "utp");
  equal((await listeners.open([{ host: "::", port: 0 }])).ok, true);
  deepEqual(listeners.at(undefined).map(formatEndpoint), ["0.0.0.0:1000"]);
});

test("where neither family can be had, the first reason is told", async () => {
  const machine = new Machine(() => "not-permitted");
  const opened = await machine.listeners("tcp").open([{ host: "::", port: 80 }]);
  deepEqual(opened.ok ? {} : opened.error.data, { at: "0.0.0.0:80", why: "not-permitted" });
});

test("the only address that was asked for is not left out", async () => {
  const machine = new Machine(() => "EADDRNOTAVAIL");
  equal((await machine.listeners("tcp").open([{ host: "192.0.2.1", port: 0 }])).ok, false);
});

test("closed swarms have a port of their own, the same for TCP and uTP in both families", async () => {
  const machine = new Machine();
  const listeners = machine.listeners("tcp", "utp", "tls", "tls-utp");
  await listeners.open([{ host: "::", port: 0 }]);
  deepEqual(listeners.at(["tcp", "utp"]).map(formatEndpoint), ["0.0.0.0:1000", "[::]:1000"]);
  deepEqual(listeners.at(["tls", "tls-utp"]).map(formatEndpoint), ["0.0.0.0:1001", "[::]:1001"]);
});
