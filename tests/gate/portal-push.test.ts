// From the portal to the gate: an approval reaches the gate's feed within two seconds, a revocation too, and a token that
// another key signed opens nothing.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Failure } from "../../src/base/failure.ts";
import { openPortalGrants, type PortalFeed } from "../../src/cli/gate/portal-grants.ts";
import { keepSession } from "../../src/cli/session-file.ts";
import { BlockBook } from "../../src/gate/enforce/block-book.ts";
import { BlockTeller } from "../../src/gate/enforce/block-teller.ts";
import { exemptionsOf } from "../../src/gate/enforce/exemption.ts";
import { type GrantFeed, readRootKey } from "../../src/gate/enforce/grant-book.ts";
import { DEFAULT_POLICY } from "../../src/gate/enforce/policy.ts";
import { StateFolder } from "../../src/gate/enforce/state-folder.ts";
import { cast, granted } from "../../src/portal/testing/asked.ts";
import { type TestPortal, testPortal } from "../../src/portal/testing/running-portal.ts";
import { realClock } from "../../src/world/real/clock.ts";
import { until } from "../lab/deadline.ts";
import { linesOf, tcpFrames } from "./conversation.ts";

const ADDRESS = "10.1.0.1";
const HANDSHAKE = Buffer.from("\u{13}BitTorrent protocol".padEnd(68, "x"), "latin1");

async function feedOf(portal: TestPortal, rootKeyJwk: unknown): Promise<PortalFeed> {
  const officer = await portal.person("olga", ["network-officer"]);
  const expiresAtMs = Date.now() + 600_000;
  keepSession(portal.dataDir, { portal: portal.url, login: "olga", token: officer.token, expiresAtMs });
  const rootPath = join(portal.dataDir, "gate-root.jwk");
  writeFileSync(rootPath, JSON.stringify(rootKeyJwk));
  const root = await readRootKey(rootPath);
  assert.ok(root.ok);
  const feed = openPortalGrants({ portal: portal.url, data: portal.dataDir }, root.value, realClock);
  assert.ok(feed.ok);
  return feed.value;
}

async function openAddresses(feed: GrantFeed, device: string): Promise<string[]> {
  const nowMs = realClock.wallMs();
  const held = await feed.read(nowMs);
  if (!held.ok) return [];
  const policy = { ...DEFAULT_POLICY, devices: { [device]: { addresses: [ADDRESS] } } };
  return exemptionsOf(held.value.grants, held.value.revocations, policy, nowMs).map((one) => one.address);
}

async function rootOf(portal: TestPortal): Promise<unknown> {
  const owner = await portal.person("otto", ["member"]);
  const token = await portal.running.joinToken(owner.id);
  assert.ok(token.ok);
  const publicKeyJwk = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
  const body = { token: token.value.token, publicKeyJwk, name: "n", platform: "test" };
  const reply = await portal.client().call("POST", "/api/v1/join", { body });
  return (reply.body as { rootKeyJwk: unknown }).rootKeyJwk;
}

test("an approval opens the device's address within two seconds, a revocation closes it within two", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const feed = await feedOf(portal, await rootOf(portal));
  t.after(() => feed.close());
  assert.deepEqual(await openAddresses(feed, people.device.id), []);
  const { grantId } = await granted(people);
  await until("it opens", async () => (await openAddresses(feed, people.device.id)).length === 1, 2000);
  const revoked = await people.reviewer.call("POST", `/api/v1/grants/${grantId}/revoke`, {
    body: { reason: "enough" },
  });
  assert.equal(revoked.status, 200, revoked.text);
  await until("it closes", async () => (await openAddresses(feed, people.device.id)).length === 0, 2000);
});

test("grants of a portal whose root key is another open nothing", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const other = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
  const feed = await feedOf(portal, { kty: "OKP", crv: "Ed25519", x: other.x });
  t.after(() => feed.close());
  await granted(people);
  assert.deepEqual(await openAddresses(feed, people.device.id), []);
});

test("what a gate gets names no tracker, and only those who may see every transfer get it", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  await granted(people);
  const refused = await people.member.call("GET", "/api/v1/gate/grants");
  assert.equal(refused.status, 403);
  const officer = await portal.person("olga", ["network-officer"]);
  const reply = await officer.call("GET", "/api/v1/gate/grants");
  const { grants } = reply.body as { readonly grants: readonly { readonly jws: string }[] };
  assert.equal(grants.length, 1);
  const claims = Buffer.from(grants[0]?.jws.split(".")[1] ?? "", "base64url").toString();
  assert.doesNotMatch(claims, /tracker/);
});

test("whom the gate blocks reaches the owner of the device, with the rule and the sentence", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const feed = await feedOf(portal, await rootOf(portal));
  t.after(() => feed.close());
  const policy = { ...DEFAULT_POLICY, devices: { [people.device.id]: { addresses: [ADDRESS] } } };
  const book = new BlockBook(policy);
  const folder = new StateFolder(join(portal.dataDir, "gate"));
  const troubles: string[] = [];
  const onTrouble = (failed: Failure): void => void troubles.push(failed.code);
  const teller = new BlockTeller({ book, folder, sink: (blocks) => feed.tellBlocks("gate-1", blocks), onTrouble });
  const [flow] = linesOf(tcpFrames([{ by: 0, bytes: HANDSHAKE }]));
  assert.ok(flow !== undefined);
  book.refused({ ...flow, src: ADDRESS }, realClock.wallMs());
  await teller.tell(realClock.wallMs());
  const reply = await people.member.call("GET", "/api/v1/gate/blocks");
  const { blocks } = reply.body as { readonly blocks: readonly { readonly rule: string; readonly gate: string }[] };
  assert.deepEqual(
    blocks.map((block) => [block.gate, block.rule]),
    [["gate-1", "in no zone: block"]],
  );
  assert.deepEqual(
    troubles.filter((code) => !code.startsWith("gate.")),
    [],
  );
});
