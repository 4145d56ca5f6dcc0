import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { present } from "../../../base/assert.ts";
import { toHex } from "../../../base/bytes.ts";
import { type LeafOptions, TestAuthority } from "../../../world/real/test-authority.ts";
import type { TlsIdentity } from "../../../world/tls.ts";
import type { SwarmIdentity } from "./swarm-identity.ts";
import { CARRIED, type Carried, Host, INFO_HASH, NEVER, swarm } from "./tls-under-test.ts";
import type { TlsTransport } from "./transport.ts";

const NAME = "Survey, 2026 (raw data)";

let authority: TestAuthority;
let stranger: TestAuthority;
before(() => {
  authority = new TestAuthority();
  stranger = new TestAuthority("another root");
});
after(() => {
  authority[Symbol.dispose]();
  stranger[Symbol.dispose]();
});

/** Dials, sends a line and waits for its echo: only then have both sides believed the certificates. */
async function echoes(client: TlsTransport, port: number): Promise<boolean> {
  const dialled = await client.dial({ remote: { host: "127.0.0.1", port }, infoHash: INFO_HASH, signal: NEVER });
  if (!dialled.ok) return false;
  return new Promise((resolve) => {
    const stream = dialled.value;
    stream.start({
      onData: () => {
        resolve(true);
        stream.close("done");
      },
      onDrain: () => undefined,
      onClose: () => resolve(false),
    });
    stream.write(Buffer.from("hello"));
  });
}

async function meets(serverSwarm: SwarmIdentity, clientSwarm: SwarmIdentity, carried?: Carried): Promise<boolean> {
  using server = new Host(carried);
  server.transport.enroll(serverSwarm);
  const { at } = await server.listen();
  using client = new Host(carried);
  client.transport.enroll(clientSwarm);
  const met = await echoes(client.transport, at.port);
  return met;
}

const good = (options: Partial<LeafOptions> = {}) => authority.issue({ name: "survey", ...options });

test("two holders of certificates for the torrent meet, and the stream is bound to it", async () => {
  using server = new Host();
  server.transport.enroll(swarm(good()));
  const { at } = await server.listen();
  const client = new Host();
  client.transport.enroll(swarm(good()));
  assert.equal(await echoes(client.transport, at.port), true);
  assert.equal(toHex(present(server.accepted[0]?.boundInfoHash, "hash")), toHex(INFO_HASH));
});

test("a name with a comma and spaces is compared byte for byte, and a common name serves where there is no DNS name", async () => {
  const named = { torrentName: NAME };
  const identity = () => authority.issue({ name: NAME, withoutSan: true });
  assert.equal(await meets(swarm(identity(), named), swarm(identity(), named)), true);
  assert.equal(await meets(swarm(identity(), named), swarm(good(), named)), false);
});

const STRANGERS: Readonly<Record<string, () => TlsIdentity>> = {
  "of another root": () => ({ ...stranger.issue({ name: "survey" }), rootPem: authority.rootPem }),
  "that has expired": () => good({ until: "20250601000000Z" }),
  "of the future": () => good({ from: "20390101000000Z" }),
  "for servers only": () => good({ usages: "serverAuth" }),
  "for another purpose": () => good({ usages: "emailProtection" }),
  "H94 of another torrent": () => good({ name: "payroll" }),
};

for (const carried of CARRIED) {
  for (const [kind, issue] of Object.entries(STRANGERS)) {
    test(`H90: over ${carried} a certificate ${kind} is refused by who accepts`, async () => {
      assert.equal(await meets(swarm(good()), swarm(issue()), carried), false);
    });
  }

  for (const kind of ["of another root", "that has expired", "of the future", "H94 of another torrent"]) {
    test(`H90: over ${carried} a certificate ${kind} is refused by who dials`, async () => {
      assert.equal(await meets(swarm(present(STRANGERS[kind], kind)()), swarm(good()), carried), false);
    });
  }
}

test("over uTP a megabyte goes each way through one connection, and its end is told at both", async () => {
  using server = new Host("uTP");
  server.transport.enroll(swarm(good()));
  const { at } = await server.listen();
  using client = new Host("uTP");
  client.transport.enroll(swarm(good()));
  const dialled = await client.transport.dial({ remote: at, infoHash: INFO_HASH, signal: NEVER });
  assert.ok(dialled.ok);
  const stream = dialled.value;
  assert.equal(stream.transport, "tls-utp");
  const sent = randomBytes(1024 * 1024);
  const back: Buffer[] = [];
  const all = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<string>();
  stream.start({
    onData: (bytes) => {
      back.push(Buffer.from(bytes));
      if (back.reduce((sum, one) => sum + one.length, 0) >= sent.length) all.resolve();
    },
    onDrain: () => undefined,
    onClose: closed.resolve,
  });
  for (let begin = 0; begin < sent.length; begin += 16_384) stream.write(sent.subarray(begin, begin + 16_384));
  await all.promise;
  assert.equal(Buffer.concat(back).equals(sent), true);
  assert.deepEqual(server.accepted[0]?.remote.host, "127.0.0.1");
  server.accepted[0]?.close("done");
  await closed.promise;
  assert.equal(await server.firstClosed, "done");
});

test("H95: a certificate for every torrent is refused where the grant names one, and accepted where it may be", async () => {
  const wild = good({ name: "*" });
  assert.equal(await meets(swarm(good(), { wildcard: "refuse" }), swarm(wild)), false);
  assert.equal(await meets(swarm(good()), swarm(wild)), true);
});

/** A handshake by hand; resolves with the fatal alert's text, or "connected". */
function handshake(
  port: number,
  { servername, identity }: { servername?: string; identity?: TlsIdentity },
): Promise<string> {
  return new Promise((resolve) => {
    const socket: TLSSocket = connectTls({
      host: "127.0.0.1",
      port,
      rejectUnauthorized: false,
      ...(servername === undefined ? {} : { servername }),
      ...(identity === undefined ? {} : { cert: identity.certificatePem, key: identity.privateKeyPem.reveal() }),
    });
    socket.once("error", (error) => resolve(error.message));
    socket.once("data", () => resolve("connected"));
    socket.once("close", () => resolve("closed"));
    socket.write("hello");
  });
}

test("H91: a server name that is absent, of another torrent or longer than a hash ends in a fatal alert", async () => {
  using server = new Host();
  server.transport.enroll(swarm(good()));
  const { at } = await server.listen();
  const identity = good();
  const hash = toHex(INFO_HASH);
  assert.equal(await handshake(at.port, { servername: hash, identity }), "connected");
  for (const servername of [undefined, "00".repeat(20), "localhost", `${hash}00`, hash.slice(0, 39)]) {
    const outcome = await handshake(at.port, servername === undefined ? { identity } : { servername, identity });
    assert.match(outcome, /alert handshake failure/, servername ?? "no server name");
  }
  assert.equal(server.accepted.length, 1);
});

test("H90: no certificate at all is refused", async () => {
  using server = new Host();
  server.transport.enroll(swarm(good()));
  const { at } = await server.listen();
  assert.notEqual(await handshake(at.port, { servername: toHex(INFO_HASH) }), "connected");
  assert.equal(server.accepted.length, 0);
});

test("H96: no session is resumed, so a certificate that is no longer admitted cannot come back", async () => {
  using server = new Host();
  const identity = good();
  let revoked = false;
  const admitting = swarm(good(), { admits: () => !revoked });
  server.transport.enroll(admitting);
  const { at } = await server.listen();
  const options = {
    host: "127.0.0.1",
    port: at.port,
    servername: toHex(INFO_HASH),
    rejectUnauthorized: false,
    cert: identity.certificatePem,
    key: identity.privateKeyPem.reveal(),
  };
  const first = connectTls(options);
  let session: Buffer | undefined;
  first.on("session", (ticket: Buffer) => {
    session = ticket;
  });
  first.write("hello");
  await new Promise((resolve) => first.once("data", resolve));
  revoked = true;
  server.transport.recheck(admitting);
  await new Promise((resolve) => first.once("close", resolve));
  assert.deepEqual(server.closes, ["certificate-not-admitted"]);
  const again = connectTls(session === undefined ? options : { ...options, session });
  let reused: boolean | undefined;
  again.once("secureConnect", () => {
    reused = again.isSessionReused();
  });
  again.write("hello");
  const outcome = await new Promise((resolve) => {
    again.once("data", () => resolve("connected"));
    again.once("close", () => resolve("closed"));
    again.once("error", () => resolve("closed"));
  });
  assert.equal(outcome, "closed");
  assert.equal(reused, false);
  assert.equal(server.accepted.length, 1);
});

test("what is not enrolled any more is dropped, and cannot be dialled or accepted", async () => {
  using server = new Host();
  const leave = server.transport.enroll(swarm(good()));
  const { at } = await server.listen();
  const client = new Host();
  client.transport.enroll(swarm(good()));
  assert.equal(await echoes(client.transport, at.port), true);
  leave();
  assert.equal(await echoes(client.transport, at.port), false);
  const nobody = new Host();
  assert.equal(await echoes(nobody.transport, at.port), false);
});

test("a host that admission refuses is hung up on before the handshake", async () => {
  using server = new Host();
  server.transport.enroll(swarm(good()));
  const { at } = await server.listen(() => false);
  assert.match(await handshake(at.port, { servername: toHex(INFO_HASH), identity: good() }), /ECONNRESET|disconnected/);
});
