import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { after, before, test } from "node:test";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { toHex } from "../../../base/bytes.ts";
import { encodeHandshake } from "../../../wire/peer/handshake.ts";
import { TestAuthority } from "../../../world/real/test-authority.ts";
import { Host, INFO_HASH, NEVER, swarm } from "./tls-under-test.ts";

let authority: TestAuthority;
before(() => {
  authority = new TestAuthority();
});
after(() => authority[Symbol.dispose]());

const good = () => authority.issue({ name: "survey" });

/** Sends bytes to the port and tells what came back until the other side hung up. */
function sentPlainly(port: number, bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve) => {
    const back: Buffer[] = [];
    const socket = connectTcp(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => back.push(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(Buffer.concat(back)));
  });
}

test("H66: a plain handshake and one of message stream encryption are hung up on, and nothing of ours is told", async () => {
  using server = new Host();
  server.transport.enroll(swarm(good()));
  const { at } = await server.listen();
  const peerId = new Uint8Array(20).fill(0x61);
  const plain = encodeHandshake({ bits: new Set(["fast"]), infoHash: INFO_HASH, peerId });
  for (const bytes of [plain, randomBytes(96 + 300)]) {
    const back = await sentPlainly(at.port, bytes);
    // A TLS alert (type 21) at most.
    assert.ok(back.length <= 7 && (back.length === 0 || back[0] === 21), back.toString("hex"));
  }
  assert.equal(server.accepted.length, 0);
});

test("H66: an offer of TLS 1.1 at most ends in a fatal alert", async () => {
  using server = new Host();
  server.transport.enroll(swarm(good()));
  const { at } = await server.listen();
  const identity = good();
  const refusal = await new Promise<string>((resolve) => {
    const socket = connectTls({
      host: "127.0.0.1",
      port: at.port,
      servername: toHex(INFO_HASH),
      rejectUnauthorized: false,
      cert: identity.certificatePem,
      key: identity.privateKeyPem.reveal(),
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "ALL:@SECLEVEL=0",
    });
    socket.once("error", (error) => resolve(error.message));
    socket.once("secureConnect", () => resolve("connected"));
  });
  assert.match(refusal, /alert protocol version/);
  assert.equal(server.accepted.length, 0);
});

test("H66: who offers TLS 1.1 at most is not spoken to when we dial", async () => {
  const leaf = good();
  const old = createTlsServer({
    cert: leaf.certificatePem,
    key: leaf.privateKeyPem.reveal(),
    ca: [leaf.rootPem],
    minVersion: "TLSv1",
    maxVersion: "TLSv1.1",
    ciphers: "ALL:@SECLEVEL=0",
  });
  old.on("tlsClientError", () => undefined);
  old.listen(0, "127.0.0.1");
  await once(old, "listening");
  const place = old.address();
  const client = new Host();
  client.transport.enroll(swarm(good()));
  const port = typeof place === "object" && place !== null ? place.port : 0;
  const dialled = await client.transport.dial({
    remote: { host: "127.0.0.1", port },
    infoHash: INFO_HASH,
    signal: NEVER,
  });
  assert.equal(dialled.ok, false);
  old.close();
});
