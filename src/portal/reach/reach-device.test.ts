import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { createServer, type Server } from "node:net";
import { type TestContext, test } from "node:test";
import { present } from "../../base/assert.ts";
import { KNOCK_BYTES, knockAnswer } from "../../wire/reach/knock.ts";
import { cast, granted } from "../testing/asked.ts";
import { type DeviceClient, memberOf, type Reply, testPortal } from "../testing/running-portal.ts";

const SECRET = Buffer.alloc(32, 7);

/** Something on loopback that answers a connection in its own way, and datagrams as the device would. */
async function listening(t: TestContext, answer: (knock: Buffer) => Buffer | undefined): Promise<number> {
  const server = createServer((socket) => {
    let heard = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      heard = Buffer.concat([heard, bytes]);
      if (heard.length < KNOCK_BYTES) return;
      const said = answer(heard);
      if (said === undefined) socket.end();
      else socket.write(said);
    });
  });
  const datagrams = createSocket("udp4");
  t.after(() => server.close());
  t.after(() => datagrams.close());
  const port = await portOf(server);
  datagrams.on("message", (_, from) => datagrams.send(knockAnswer(SECRET, "udp"), from.port, from.address));
  await new Promise<void>((resolve) => datagrams.bind(port, "127.0.0.1", resolve));
  return port;
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = present(server.address(), "the server's address");
  return typeof address === "object" ? address.port : 0;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function reach(device: DeviceClient, port: number, more: object = {}): Promise<Reply> {
  return device.call("POST", "/api/v1/device/reach", {
    body: { port, secret: SECRET.toString("base64url"), ...more },
  });
}

test("only what knows the secret counts as the device; another server, a hang-up and a closed port are told apart", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  await granted(people);
  const own = await listening(t, () => knockAnswer(SECRET, "tcp"));
  const echo = await listening(t, (knock) => knock);
  const shut = await listening(t, () => undefined);
  const replies = await Promise.all([own, echo, shut].map((port) => reach(people.device, port)));
  assert.deepEqual(
    replies.map(({ body }) => [memberOf(body, "tcp"), memberOf(body, "udp")]),
    [
      ["answered", "answered"],
      ["stranger", "answered"],
      ["stranger", "answered"],
    ],
  );
  const closed = await reach(people.device, await freePort());
  assert.deepEqual([memberOf(closed.body, "tcp"), memberOf(closed.body, "udp")], ["refused", "silent"]);
});

test("the portal calls the address of the connection and no other, whatever the call says", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  await granted(people);
  const own = await listening(t, () => knockAnswer(SECRET, "tcp"));
  const named = await reach(people.device, own, { address: "10.9.9.9", host: "10.9.9.9" });
  assert.equal(memberOf(named.body, "address"), "127.0.0.1");
  for (const header of ["x-forwarded-for", "forwarded", "x-real-ip", "via"]) {
    const proxied = await people.device.call("POST", "/api/v1/device/reach", {
      body: { port: own, secret: SECRET.toString("base64url") },
      headers: { [header]: "10.9.9.9" },
    });
    assert.equal(memberOf(proxied.body, "code"), "portal.caller_hidden", header);
  }
});

test("behind a public address the portal's own machine is never called", async (t) => {
  const port = await freePort();
  const portal = await testPortal(t, { port, publicUrl: `http://127.0.0.1:${port}` });
  const people = await cast(portal);
  await granted(people);
  assert.equal(memberOf((await reach(people.device, 5_000)).body, "code"), "portal.caller_hidden");
});

test("an institution's own proxy is believed, nobody in front of it, and the address that it names is called", async (t) => {
  const portal = await testPortal(t, { proxies: ["127.0.0.1"] });
  const people = await cast(portal);
  await granted(people);
  const port = await listening(t, () => knockAnswer(SECRET, "tcp"));
  const body = { port, secret: SECRET.toString("base64url") };
  // The right-most address is the proxy's own word; what stands before it is the caller's.
  const headers = { "x-forwarded-for": "10.9.9.9, 127.0.0.2" };
  const reply = await people.device.call("POST", "/api/v1/device/reach", { body, headers });
  assert.equal(memberOf(reply.body, "address"), "127.0.0.2");
  assert.equal(memberOf(reply.body, "tcp"), "refused");
});

test("without an active grant, for a person, or to a system's port nothing is called", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  assert.equal(memberOf((await reach(people.device, 5_000)).body, "code"), "portal.reach_needless");
  const body = { port: 5_000, secret: SECRET.toString("base64url") };
  assert.equal((await people.member.call("POST", "/api/v1/device/reach", { body })).status, 403);
  await granted(people);
  assert.equal((await reach(people.device, 22)).status, 400);
  assert.equal((await reach(people.device, 5_000, { secret: "short" })).status, 400);
  portal.advance(3_600_001);
  assert.equal(memberOf((await reach(people.device, 5_000)).body, "code"), "portal.reach_needless");
});

test("a flood of calls is limited for each device, and another device still gets its own", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  await granted(people);
  const port = await listening(t, () => knockAnswer(SECRET, "tcp"));
  const replies = await Promise.all(Array.from({ length: 40 }, () => reach(people.device, port)));
  const codes = replies.map(({ status }) => status);
  assert.equal(codes.filter((status) => status === 200).length, 6);
  assert.equal(codes.filter((status) => status === 429).length, 34);
  const device = await portal.device(people.member);
  await granted({ ...people, device }, { deviceId: device.id });
  assert.equal((await reach(device, port)).status, 200);
});
