import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptRevocations, grantCovers } from "../../domain/grant-check.ts";
import { GRANT_FORM, REVOCATIONS_FORM, type RevocationsToken } from "../../wire/api/grant-token.ts";
import type { SealingKey } from "../../wire/api/sealed-token.ts";
import { openToken } from "../../wire/api/sealed-token.ts";
import { openRootKey } from "../root-key.ts";
import { cast, granted, HASH } from "../testing/asked.ts";
import { type DeviceClient, memberOf, must, type TestPortal, testPortal, textOf } from "../testing/running-portal.ts";

function rootOf(portal: TestPortal): SealingKey {
  return must(openRootKey(`${portal.dataDir}/portal/root.key`, "refuse")).opening;
}

async function revocations(portal: TestPortal, device: DeviceClient): Promise<RevocationsToken> {
  const reply = await device.call("GET", "/api/v1/revocations");
  const opened = await openToken(REVOCATIONS_FORM, textOf(reply, "jws"), rootOf(portal));
  assert.ok(opened.ok);
  return opened.value;
}

async function answerFor(portal: TestPortal, device: DeviceClient, jws: string): Promise<string> {
  const opened = await openToken(GRANT_FORM, jws, rootOf(portal));
  assert.ok(opened.ok);
  const answer = grantCovers(opened.value, {
    device: { id: device.id, keyThumbprint: opened.value.dvk },
    direction: "download",
    application: "bittorrent",
    content: { infoHashV1: HASH },
    nowMs: Date.now(),
    revocations: await revocations(portal, device),
  });
  return answer.allow ? "allow" : answer.code;
}

test("a grant covers until it is revoked, and the number of the list only rises", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const first = await revocations(portal, people.device);
  const { grantId, jws } = await granted(people);
  assert.equal(await answerFor(portal, people.device, jws), "allow");
  const revoke = await people.reviewer.call("POST", `/api/v1/grants/${grantId}/revoke`, {
    body: { reason: "wrong data" },
  });
  assert.equal(textOf(revoke, "endedWhy"), "wrong data");
  assert.equal(await answerFor(portal, people.device, jws), "grant.revoked");
  const second = await revocations(portal, people.device);
  assert.ok(second.n > first.n);
  assert.equal(acceptRevocations(second, first, Date.now()).accept, false, "H100: the older list is refused");
  await portal.restart();
  const third = await revocations(portal, people.device);
  assert.ok(third.n > second.n);
  assert.deepEqual(third.revoked, second.revoked);
});

test("the owner gives a grant back; nobody else can, and it ends once", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const { grantId, jws } = await granted(people);
  const path = `/api/v1/grants/${grantId}/return`;
  assert.equal((await people.reviewer.call("POST", path, { body: { reason: "not mine" } })).status, 404);
  const returned = await people.device.call("POST", path, { body: { reason: "done" } });
  assert.equal(textOf(returned, "state"), "returned");
  assert.equal(await answerFor(portal, people.device, jws), "grant.returned");
  const again = await people.reviewer.call("POST", `/api/v1/grants/${grantId}/revoke`, { body: { reason: "late" } });
  assert.equal(textOf(again, "code"), "portal.grant_ended");
});

test("H97: an expired grant is expired at once, is not given to the device, and cannot be revoked", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const { grantId } = await granted(people);
  const before = await people.device.call("GET", "/api/v1/device/grants");
  assert.match(before.text, new RegExp(grantId));
  portal.advance(3_601_000);
  const device = await portal.device(people.member);
  assert.doesNotMatch((await device.call("GET", "/api/v1/device/grants")).text, new RegExp(grantId));
  assert.equal(textOf(await people.member.call("GET", `/api/v1/grants/${grantId}`), "state"), "expired");
  const active = await people.member.call("GET", "/api/v1/grants?state=active");
  assert.equal(memberOf(active.body, "total"), 0);
  const expired = await people.member.call("GET", "/api/v1/grants?state=expired");
  assert.equal(memberOf(expired.body, "total"), 1);
  const revoke = await people.reviewer.call("POST", `/api/v1/grants/${grantId}/revoke`, { body: { reason: "late" } });
  assert.equal(textOf(revoke, "code"), "portal.grant_ended");
});

test("a reviewer sees what a grant says, but not the secret address of its tracker", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const { grantId } = await granted(people);
  const own = await people.member.call("GET", `/api/v1/grants/${grantId}`);
  assert.match(own.text, /\/tracker\//);
  const seen = await people.reviewer.call("GET", `/api/v1/grants/${grantId}`);
  assert.doesNotMatch(seen.text, /\/tracker\//);
  assert.equal(textOf(seen, "jws"), "");
});

test("a removed device loses its grants, and its waiting requests lapse", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const { grantId } = await granted(people);
  await people.member.call("DELETE", `/api/v1/devices/${people.device.id}`);
  assert.equal(textOf(await people.member.call("GET", `/api/v1/grants/${grantId}`), "state"), "revoked");
});
