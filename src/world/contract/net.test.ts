// What every network promises; the same tests run over the machine's loopback and the simulated one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { present } from "../../base/assert.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { Net, TcpHandlers, TcpSocket } from "../net.ts";
import { realNet } from "../real/net.ts";
import { SimClock } from "../sim/clock.ts";
import { SimNet } from "../sim/net.ts";
import { SeededRandom } from "../sim/random.ts";

type NetUnderTest = { readonly net: Net; readonly host: string; run<T>(work: Promise<T>): Promise<T> };

const WORLDS: Readonly<Record<string, () => NetUnderTest>> = {
  machine: () => ({ net: realNet, host: "127.0.0.1", run: (work) => work }),
  simulated: () => {
    const { clock, net } = simulated();
    return {
      net: net.host("10.0.0.1"),
      host: "10.0.0.1",
      async run(work) {
        const progress = { done: false };
        const settled = work.finally(() => {
          progress.done = true;
        });
        for (let ms = 0; ms < 300_000 && !progress.done; ms += 100) await clock.advance(100);
        return settled;
      },
    };
  },
};

function simulated(options: { lossRate?: number } = {}) {
  const clock = new SimClock();
  const random = new SeededRandom(1);
  const net = new SimNet(clock, random, { latencyMs: 10, bytesPerSecond: 1e6, lossRate: options.lossRate ?? 0 });
  return { clock, net };
}

const NEVER = new AbortController().signal;
const ignore: TcpHandlers = { onData: () => undefined, onDrain: () => undefined, onClose: () => undefined };

async function pairOf({ net, host, run }: NetUnderTest): Promise<{ dialled: TcpSocket; accepted: TcpSocket }> {
  const waiting = Promise.withResolvers<TcpSocket>();
  const listener = await run(net.listenTcp({ host, port: 0 }, () => true, waiting.resolve));
  assert.ok(listener.ok);
  const dialled = await run(net.dialTcp(listener.value.at, NEVER));
  assert.ok(dialled.ok);
  const accepted = await run(waiting.promise);
  void listener.value.close();
  return { dialled: dialled.value, accepted };
}

for (const [name, make] of Object.entries(WORLDS)) {
  test(`${name} network: bytes arrive whole and in order, and the closing is told once on each side`, async () => {
    const world = make();
    const { dialled, accepted } = await pairOf(world);
    const got: Buffer[] = [];
    const closes: string[] = [];
    const closed = Promise.withResolvers<undefined>();
    accepted.start({
      ...ignore,
      onData: (bytes) => got.push(Buffer.from(bytes)),
      onClose: (why) => {
        closes.push(why);
        closed.resolve(undefined);
      },
    });
    dialled.start(ignore);
    const sent = Buffer.alloc(300_000, "swarmgate");
    await world.run(new Promise<void>((flushed) => dialled.write(sent, flushed)));
    await world.run(until(() => Buffer.concat(got).length === sent.length));
    dialled.close("done");
    await world.run(closed.promise);
    assert.ok(Buffer.concat(got).equals(sent));
    assert.deepEqual(closes, ["ended"]);
  });

  test(`${name} network: nobody listens, so the dial is refused with a reason`, async () => {
    const { net, host, run } = make();
    const dialled = await run(net.dialTcp({ host, port: 1 }, NEVER));
    assert.ok(!dialled.ok);
    assert.equal(dialled.error.code, "engine.peer_unreachable");
    assert.equal(dialled.error.data["why"], "refused");
  });

  test(`${name} network: a port is taken once`, async () => {
    const { net, host, run } = make();
    const first = await run(
      net.listenTcp(
        { host, port: 0 },
        () => true,
        () => undefined,
      ),
    );
    assert.ok(first.ok);
    const second = await run(
      net.listenTcp(
        first.value.at,
        () => true,
        () => undefined,
      ),
    );
    assert.ok(!second.ok);
    assert.equal(second.error.data["why"], "port-taken");
    await first.value.close();
  });

  test(`${name} network: whoever is not admitted gets no byte`, async () => {
    const { net, host, run } = make();
    let accepted = 0;
    const listener = await run(
      net.listenTcp(
        { host, port: 0 },
        () => false,
        () => accepted++,
      ),
    );
    assert.ok(listener.ok);
    const dialled = await run(net.dialTcp(listener.value.at, NEVER));
    if (dialled.ok) await run(new Promise<string>((onClose) => dialled.value.start({ ...ignore, onClose })));
    assert.equal(accepted, 0);
    await listener.value.close();
  });

  test(`${name} network: reading switched off keeps the bytes for later`, async () => {
    const world = make();
    const { dialled, accepted } = await pairOf(world);
    let bytes = 0;
    accepted.setReading(false);
    accepted.start({ ...ignore, onData: (part) => (bytes += part.length) });
    dialled.start(ignore);
    dialled.write(Buffer.alloc(1_000));
    assert.equal(bytes, 0);
    accepted.setReading(true);
    await world.run(until(() => bytes === 1_000));
    dialled.close("done");
    accepted.close("done");
  });

  test(`${name} network: a datagram carries its sender's address`, async () => {
    const { net, host, run } = make();
    const got = Promise.withResolvers<string>();
    const receiver = await run(
      net.bindUdp(
        { host, port: 0 },
        { onMessage: (bytes, from) => got.resolve(`${from.port}:${Buffer.from(bytes).toString()}`) },
      ),
    );
    const sender = await run(net.bindUdp({ host, port: 0 }, { onMessage: () => undefined }));
    assert.ok(receiver.ok && sender.ok);
    sender.value.send(Buffer.from("hello"), receiver.value.at);
    assert.equal(await run(got.promise), `${sender.value.at.port}:hello`);
    receiver.value.close();
    sender.value.close();
  });

  test(`${name} network: datagrams of two senders in turns keep their own addresses`, async () => {
    const { net, host, run } = make();
    const got: string[] = [];
    const onMessage = (bytes: Uint8Array, from: Endpoint) => got.push(`${from.port}:${Buffer.from(bytes).toString()}`);
    const bound = await Promise.all([0, 1, 2].map(() => run(net.bindUdp({ host, port: 0 }, { onMessage }))));
    const [receiver, first, second] = bound.map((one) => {
      assert.ok(one.ok);
      return one.value;
    });
    assert.ok(receiver && first && second);
    const sent = [first, second, second, first].map((sender, n) => ({ sender, text: `${sender.at.port}:${n}` }));
    for (const [n, { sender }] of sent.entries()) sender.send(Buffer.from(String(n)), receiver.at);
    await run(until(() => got.length === sent.length));
    assert.deepEqual(got.toSorted(), sent.map(({ text }) => text).toSorted());
    for (const socket of [receiver, first, second]) socket.close();
  });
}

/** Looks again at each turn of the loop; both worlds make progress in between. */
function until(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => (holds() ? resolve() : void setImmediate(look));
    look();
  });
}

test("machine network: the same port can be had for IPv4 and for IPv6, by TCP and by UDP", async () => {
  const [accept, refuse] = [() => undefined, () => false];
  const four = await realNet.listenTcp({ host: "0.0.0.0", port: 0 }, refuse, accept);
  assert.ok(four.ok);
  const { port } = four.value.at;
  const six = await realNet.listenTcp({ host: "::", port }, refuse, accept);
  assert.ok(six.ok);
  const [udp4, udp6] = await Promise.all([
    realNet.bindUdp({ host: "0.0.0.0", port: 0 }, { onMessage: () => undefined }),
    realNet.bindUdp({ host: "::", port: 0 }, { onMessage: () => undefined }),
  ]);
  assert.ok(udp4.ok && udp6.ok);
  const beside = await realNet.bindUdp({ host: "::", port: udp4.value.at.port }, { onMessage: () => undefined });
  assert.ok(beside.ok);
  for (const socket of [udp4.value, udp6.value, beside.value]) socket.close();
  await Promise.all([four.value.close(), six.value.close()]);
});

test("simulated network: a wall holds bytes back, and they arrive when it falls", async () => {
  const { clock, net } = simulated();
  const { dialled, accepted } = await simulatedPair(clock, net);
  const got: string[] = [];
  accepted.start({ ...ignore, onData: (bytes) => got.push(Buffer.from(bytes).toString()) });
  dialled.start(ignore);
  net.partition("10.0.0.2", 1);
  dialled.write(Buffer.from("held"));
  await clock.advance(60_000);
  assert.deepEqual(got, []);
  net.heal();
  await clock.advance(100);
  assert.deepEqual(got, ["held"]);
});

test("simulated network: a host that crashes is missed only after a long silence", async () => {
  const { clock, net } = simulated();
  const { dialled } = await simulatedPair(clock, net);
  const closes: string[] = [];
  dialled.start({ ...ignore, onClose: (why) => closes.push(why) });
  net.crash("10.0.0.2");
  await clock.advance(600_000);
  assert.deepEqual(closes, []);
  await clock.advance(600_000);
  assert.deepEqual(closes, ["timed-out"]);
});

test("simulated network: a megabyte at a megabyte a second takes a second and the distance", async () => {
  const { clock, net } = simulated();
  const { dialled, accepted } = await simulatedPair(clock, net);
  let arrivedMs = 0;
  accepted.start({ ...ignore, onData: () => (arrivedMs = clock.monotonicMs()) });
  dialled.start(ignore);
  const startMs = clock.monotonicMs();
  dialled.write(Buffer.alloc(1e6));
  await clock.advance(5_000);
  assert.equal(Math.round(arrivedMs - startMs), 1_010);
});

async function simulatedPair(clock: SimClock, net: SimNet) {
  const waiting = Promise.withResolvers<TcpSocket>();
  const listener = await net.host("10.0.0.2").listenTcp({ host: "10.0.0.2", port: 6881 }, () => true, waiting.resolve);
  assert.ok(listener.ok);
  const dialling = net.host("10.0.0.1").dialTcp(listener.value.at, NEVER);
  await clock.advance(1_000);
  const dialled = await dialling;
  assert.ok(dialled.ok);
  return { dialled: present(dialled.value, "a socket"), accepted: await waiting.promise };
}
