import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../../base/assert.ts";
import { Secret } from "../../../base/secret.ts";
import type { Endpoint } from "../../../domain/address/endpoint.ts";
import {
  decodeSocksAddress,
  encodeSocksAddress,
  unwrapSocksDatagram,
  wrapSocksDatagram,
} from "../../../wire/socks/handshake.ts";
import type { Net, TcpSocket, UdpSocket } from "../../../world/net.ts";
import { SimClock } from "../../../world/sim/clock.ts";
import { SimNet } from "../../../world/sim/net.ts";
import { SeededRandom } from "../../../world/sim/random.ts";
import { SocksNet } from "./net.ts";

const PROXY: Endpoint = { host: "10.0.0.9", port: 1080 };
const NEVER = new AbortController().signal;

/** A proxy as RFC 1928 and 1929 describe it. */
class Proxy {
  readonly #net: Net;
  readonly #password: string | undefined;
  readonly controls: TcpSocket[] = [];
  requests = 0;

  constructor(net: Net, password?: string) {
    this.#net = net;
    this.#password = password;
  }

  async listen(): Promise<void> {
    const listening = await this.#net.listenTcp(
      PROXY,
      () => true,
      (socket) => this.#serve(socket),
    );
    assert.ok(listening.ok);
  }

  #serve(socket: TcpSocket): void {
    let received = Buffer.alloc(0);
    let stage: "method" | "login" | "request" | "open" = "method";
    let onward: TcpSocket | undefined;
    const onData = (bytes: Uint8Array) => {
      if (stage === "open") {
        onward?.write(Uint8Array.from(bytes));
        return;
      }
      received = Buffer.concat([received, bytes]);
      if (stage === "method" && received.length >= 2 + (received[1] ?? 0)) {
        received = received.subarray(2 + (received[1] ?? 0));
        stage = this.#password === undefined ? "request" : "login";
        socket.write(Buffer.of(5, this.#password === undefined ? 0 : 2));
      } else if (stage === "login" && received.length >= 5) {
        const right = received.subarray(3 + (received[1] ?? 0)).toString() === this.#password;
        received = Buffer.alloc(0);
        stage = "request";
        socket.write(Buffer.of(1, right ? 0 : 1));
      } else if (stage === "request" && received.length >= 10) {
        stage = "open";
        const address = decodeSocksAddress(received.subarray(3));
        assert.ok(typeof address === "object");
        void this.#open(socket, received[1] ?? 0, address.endpoint).then((opened) => {
          onward = opened;
        });
      }
    };
    socket.start({ onData, onDrain: () => undefined, onClose: () => onward?.close("ended") });
  }

  async #open(socket: TcpSocket, command: number, target: Endpoint): Promise<TcpSocket | undefined> {
    this.requests += 1;
    if (command === 3) {
      this.controls.push(socket);
      let udp: UdpSocket | undefined;
      const bound = await this.#net.bindUdp(
        { host: PROXY.host, port: 0 },
        {
          onMessage: (bytes, from) => {
            const unwrapped = from.host === "10.0.0.1" ? unwrapSocksDatagram(bytes) : undefined;
            if (unwrapped !== undefined) udp?.send(unwrapped.bytes, unwrapped.from);
            else udp?.send(wrapSocksDatagram(bytes, from), { host: "10.0.0.1", port: 49_152 });
          },
        },
      );
      assert.ok(bound.ok);
      udp = bound.value;
      const anywhere = encodeSocksAddress({ host: "0.0.0.0", port: bound.value.at.port });
      socket.write(Buffer.concat([Buffer.of(5, 0, 0), anywhere]));
      return undefined;
    }
    const dialled = await this.#net.dialTcp(target, NEVER);
    socket.write(Buffer.concat([Buffer.of(5, dialled.ok ? 0 : 5, 0), encodeSocksAddress(PROXY)]));
    if (!dialled.ok) return undefined;
    dialled.value.start({
      onData: (bytes) => socket.write(Uint8Array.from(bytes)),
      onDrain: () => undefined,
      onClose: (why) => socket.close(why),
    });
    return dialled.value;
  }
}

async function world(password?: string, given?: string) {
  const clock = new SimClock();
  const net = new SimNet(clock, new SeededRandom(1), { latencyMs: 5, bytesPerSecond: 1e7, lossRate: 0 });
  const proxy = new Proxy(net.host(PROXY.host), password);
  await proxy.listen();
  const login = given === undefined ? {} : { login: { name: "ann", password: new Secret(given) } };
  const socks = new SocksNet(net.host("10.0.0.1"), clock, { at: PROXY, ...login });
  const target: Endpoint = { host: "10.0.0.2", port: 6881 };
  const seen: string[] = [];
  await net.host(target.host).listenTcp(
    target,
    (remote) => seen.push(remote.host) > 0,
    (socket) => {
      socket.start({
        onData: (bytes) => socket.write(Uint8Array.from(bytes)),
        onDrain: () => undefined,
        onClose: () => undefined,
      });
    },
  );
  const run = async <T>(work: Promise<T>): Promise<T> => {
    for (let n = 0; n < 100; n++) await clock.advance(10);
    return work;
  };
  return { clock, net, proxy, socks, target, seen, run };
}

test("a connection goes through the proxy, and the target sees only the proxy", async () => {
  const { socks, target, seen, run, clock } = await world();
  const dialled = await run(socks.dialTcp(target, NEVER));
  assert.ok(dialled.ok);
  assert.deepEqual(dialled.value.remote, target);
  let got = "";
  const onData = (bytes: Uint8Array) => {
    got += Buffer.from(bytes).toString();
  };
  dialled.value.start({ onData, onDrain: () => undefined, onClose: () => undefined });
  dialled.value.write(Buffer.from("hello"));
  await clock.advance(1000);
  assert.equal(got, "hello");
  assert.deepEqual(seen, [PROXY.host]);
});

test("name and password are given where the proxy asks for them, and a wrong one is told", async () => {
  const right = await world("secret", "secret");
  assert.ok((await right.run(right.socks.dialTcp(right.target, NEVER))).ok);
  const wrong = await world("secret", "guess");
  const refused = await wrong.run(wrong.socks.dialTcp(wrong.target, NEVER));
  assert.equal(!refused.ok && refused.error.data["why"], "proxy-login-wrong");
  const without = await world("secret");
  const unasked = await without.run(without.socks.dialTcp(without.target, NEVER));
  assert.equal(!unasked.ok && unasked.error.data["why"], "proxy-wants-other-login");
});

test("a proxy that cannot be reached is not taken for a peer that cannot", async () => {
  const { socks, target, run, net } = await world();
  net.crash(PROXY.host);
  const lost = await run(socks.dialTcp(target, AbortSignal.abort()));
  assert.equal(!lost.ok && lost.error.data["why"], "proxy-unreachable");
});

test("a target that refuses is told as such, and nobody is accepted behind a proxy", async () => {
  const { socks, run } = await world();
  const refused = await run(socks.dialTcp({ host: "10.0.0.2", port: 1 }, NEVER));
  assert.equal(!refused.ok && refused.error.data["why"], "refused");
  assert.equal((await socks.listenTcp({ host: "10.0.0.1", port: 1 })).ok, false);
});

test("datagrams go through the relay both ways, and nowhere once the proxy hung up", async () => {
  const { socks, net, proxy, run, clock } = await world();
  const heard: string[] = [];
  const other = await net.host("10.0.0.3").bindUdp(
    { host: "10.0.0.3", port: 7 },
    {
      onMessage: (bytes, from) => {
        heard.push(from.host);
        if (other.ok) other.value.send(bytes, from);
      },
    },
  );
  const got: [string, Endpoint][] = [];
  const udp = await run(
    socks.bindUdp(
      { host: "0.0.0.0", port: 0 },
      {
        onMessage: (bytes, from) => got.push([Buffer.from(bytes).toString(), from]),
      },
    ),
  );
  assert.ok(udp.ok);
  udp.value.send(Buffer.from("ping"), { host: "10.0.0.3", port: 7 });
  await clock.advance(1000);
  assert.deepEqual(heard, [PROXY.host]);
  assert.deepEqual(got, [["ping", { host: "10.0.0.3", port: 7 }]]);
  present(proxy.controls[0], "control").close("gone");
  await clock.advance(100);
  udp.value.send(Buffer.from("lost"), { host: "10.0.0.3", port: 7 });
  await clock.advance(1000);
  assert.equal(heard.length, 1);
  await clock.advance(5000);
  udp.value.send(Buffer.from("asks again"), { host: "10.0.0.3", port: 7 });
  await clock.advance(1000);
  assert.equal(proxy.requests, 2);
});
