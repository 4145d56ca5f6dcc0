import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type TestContext, test } from "node:test";
import { knock, knockAnswer } from "../../wire/reach/knock.ts";
import type { TcpSocket } from "../../world/net.ts";
import { realNet } from "../../world/real/net.ts";
import { KnockDoor } from "./door.ts";

const SECRET = Buffer.alloc(32, 7);
const LOOPBACK = { host: "127.0.0.1", port: 0 };

/** A port behind the door; gives what the engine heard there, and what a caller was told. */
async function port(t: TestContext, door: KnockDoor) {
  const engine: { heard: Buffer; sockets: TcpSocket[] } = { heard: Buffer.alloc(0), sockets: [] };
  const listener = await door.before(realNet).listenTcp(
    LOOPBACK,
    () => true,
    (socket) => {
      engine.sockets.push(socket);
      socket.start({
        onData: (bytes) => {
          engine.heard = Buffer.concat([engine.heard, bytes]);
          socket.write(Buffer.from("engine"));
        },
        onDrain: () => undefined,
        onClose: () => undefined,
      });
    },
  );
  assert.ok(listener.ok);
  t.after(() => listener.value.close());
  t.after(() => {
    for (const socket of engine.sockets) socket.close("ended");
  });
  const call = async (...parts: readonly Uint8Array[]): Promise<Buffer> => {
    const socket = connect(listener.value.at.port, LOOPBACK.host);
    await once(socket, "connect");
    for (const part of parts) await new Promise((resolve) => socket.write(part, resolve));
    const [told]: Buffer[] = await once(socket, "data");
    socket.destroy();
    return told ?? Buffer.alloc(0);
  };
  return { engine, call };
}

test("a knock with the secret is answered, also in pieces, and the engine hears nothing of it", async (t) => {
  const door = new KnockDoor();
  const { engine, call } = await port(t, door);
  using _check = door.expect(SECRET);
  const bytes = knock(SECRET, "tcp");
  assert.deepEqual(await call(bytes), knockAnswer(SECRET, "tcp"));
  assert.deepEqual(await call(bytes.subarray(0, 3), bytes.subarray(3)), knockAnswer(SECRET, "tcp"));
  assert.equal(engine.heard.length, 0);
});

test("during a check every other connection reaches the engine unchanged, first byte and last", async (t) => {
  const door = new KnockDoor();
  using _check = door.expect(SECRET);
  for (const said of [
    Buffer.from("\u0013BitTorrent protocol"),
    Buffer.from("S"),
    knock(Buffer.alloc(32, 8), "tcp"),
    knock(SECRET, "udp"),
    Buffer.concat([knock(SECRET, "tcp"), Buffer.from("more")]),
  ]) {
    const { engine, call } = await port(t, door);
    // A single "S" may still become a knock: it is kept back until the next bytes decide.
    const parts = said.length === 1 ? [said, Buffer.from("aved")] : [said];
    assert.equal((await call(...parts)).toString(), "engine");
    assert.deepEqual(engine.heard, Buffer.concat(parts));
  }
});

test("outside of a check the right knock is answered by nobody", async (t) => {
  const door = new KnockDoor();
  const { engine, call } = await port(t, door);
  door.expect(SECRET)[Symbol.dispose]();
  const bytes = knock(SECRET, "tcp");
  assert.equal((await call(bytes)).toString(), "engine");
  assert.deepEqual(engine.heard, bytes);
});

test("a datagram is answered by one that is no longer, and others reach the engine", async (t) => {
  const door = new KnockDoor();
  const heard: string[] = [];
  const engine = await door.before(realNet).bindUdp(LOOPBACK, {
    onMessage: (bytes) => void heard.push(Buffer.from(bytes).toString("latin1")),
  });
  const told = Promise.withResolvers<Buffer>();
  const caller = await realNet.bindUdp(LOOPBACK, { onMessage: (bytes) => told.resolve(Buffer.from(bytes)) });
  assert.ok(engine.ok && caller.ok);
  t.after(() => engine.value.close());
  t.after(() => caller.value.close());
  using _check = door.expect(SECRET);
  caller.value.send(Buffer.from("d1:ad2:id20:"), engine.value.at);
  caller.value.send(knock(SECRET, "udp"), engine.value.at);
  const answer = await told.promise;
  assert.deepEqual(answer, knockAnswer(SECRET, "udp"));
  assert.ok(answer.length <= knock(SECRET, "udp").length);
  assert.deepEqual(heard, ["d1:ad2:id20:"]);
});
