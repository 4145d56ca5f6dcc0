import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "../../../domain/address/endpoint.ts";
import type { UdpSocket } from "../../../world/net.ts";
import { SimClock } from "../../../world/sim/clock.ts";
import { SimNet } from "../../../world/sim/net.ts";
import { SeededRandom } from "../../../world/sim/random.ts";
import { type DatagramKind, SharedUdp } from "./shared-port.ts";

const OURS = "10.0.0.1";
const THEIRS = { host: "10.0.0.2", port: 9000 };

async function lab() {
  const clock = new SimClock();
  const net = new SimNet(clock, new SeededRandom(1), { latencyMs: 5, bytesPerSecond: 1e6, lossRate: 0 });
  const udp = new SharedUdp(net.host(OURS));
  const heard: string[] = [];
  const bind = (kind: DatagramKind, port: number) =>
    udp
      .netFor(kind)
      .bindUdp(
        { host: OURS, port },
        { onMessage: (bytes) => heard.push(`${kind} ${Buffer.from(bytes).toString("latin1")}`) },
      );
  const back: Endpoint[] = [];
  const stranger = await net.host(THEIRS.host).bindUdp(THEIRS, { onMessage: (_, from) => back.push(from) });
  truthy(stranger.ok);
  const say = async (bytes: string | Uint8Array, to: Endpoint) => {
    stranger.value.send(Buffer.from(bytes), to);
    await clock.advance(50);
  };
  return { clock, bind, heard, back, say };
}

function bound(socket: Awaited<ReturnType<Awaited<ReturnType<typeof lab>>["bind"]>>): UdpSocket {
  truthy(socket.ok);
  return socket.value;
}

test("each protocol hears its own datagrams of the one port, and both answer from it", async () => {
  const { clock, bind, heard, back, say } = await lab();
  const utp = bound(await bind("utp", 6881));
  const dht = bound(await bind("dht", 6881));
  deepEqual(utp.at, dht.at);
  await say("d1:y1:qe", utp.at);
  await say("\x01uTP", utp.at);
  await say("\x41uTP", utp.at);
  deepEqual(heard, ["dht d1:y1:qe", "utp \x01uTP", "utp \x41uTP"]);
  utp.send(Uint8Array.of(1), THEIRS);
  dht.send(Uint8Array.of(0x64), THEIRS);
  await clock.advance(50);
  deepEqual(back, [utp.at, utp.at]);
});

test("port 0 joins a port that is open already, also when both come at once, and a second of one kind gets its own", async () => {
  const { bind } = await lab();
  const [utp, dht] = await Promise.all([bind("utp", 0), bind("dht", 0)]);
  equal(bound(utp).at.port, bound(dht).at.port);
  const another = bound(await bind("utp", 0));
  truthy(another.at.port !== bound(utp).at.port);
});

test("one protocol does not get the same port twice", async () => {
  const { bind } = await lab();
  truthy((await bind("dht", 6881)).ok);
  const second = await bind("dht", 6881);
  equal(second.ok ? undefined : second.error.code, "engine.listen_failed");
});

test("the port stays open until the last of them has left, and is free then", async () => {
  const { bind, heard, say } = await lab();
  const utp = bound(await bind("utp", 6881));
  const dht = bound(await bind("dht", 6881));
  utp.close();
  utp.close();
  await say("d", dht.at);
  await say("\x01", dht.at);
  deepEqual(heard, ["dht d"], "what nobody reads is dropped");
  dht.close();
  await say("d", dht.at);
  equal(heard.length, 1);
  truthy((await bind("utp", 6881)).ok);
});

test("empty datagrams and those of no protocol harm nobody", async () => {
  const { bind, heard, say } = await lab();
  const dht = bound(await bind("dht", 6881));
  for (const bytes of [new Uint8Array(0), Uint8Array.of(0xff), Uint8Array.of(0)]) await say(bytes, dht.at);
  deepEqual(heard, []);
});
