import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { test } from "node:test";
import { DEVICE_AUTH_SCHEME } from "../../wire/api/v1/device-auth.ts";
import { type DeviceClient, memberOf, must, type TestPortal, testPortal, textOf } from "../testing/running-portal.ts";

const PATH = "/api/v1/device/grants";
const NOTHING = new Uint8Array();

async function statusWith(portal: TestPortal, proof: string, method = "GET", path = PATH): Promise<number> {
  const headers = { authorization: `${DEVICE_AUTH_SCHEME} ${proof}` };
  return (await portal.client().call(method, path, { headers })).status;
}

async function deviceOf(portal: TestPortal, kind?: "p256"): Promise<DeviceClient> {
  return portal.device(await portal.person("mia", ["member"]), kind);
}

test("a device proves itself with Ed25519 and with P-256", async (t) => {
  const portal = await testPortal(t);
  for (const device of [await deviceOf(portal), await deviceOf(portal, "p256")]) {
    assert.equal((await device.call("GET", PATH)).status, 200);
    const draft = {
      direction: "download",
      application: "bittorrent",
      described: { infoHashV1: "ab".repeat(20), name: "ü" },
    };
    assert.equal((await device.call("POST", "/api/v1/requests/preview", { body: draft })).status, 200);
  }
});

test("H99: a proof holds for one call, once, by one device", async (t) => {
  const portal = await testPortal(t);
  const device = await deviceOf(portal);
  const proof = await device.proof("GET", PATH, NOTHING);
  assert.equal(await statusWith(portal, proof), 200);
  assert.equal(await statusWith(portal, proof), 401, "a second time");
  assert.equal(await statusWith(portal, await device.proof("POST", PATH, NOTHING)), 401, "another method");
  assert.equal(await statusWith(portal, await device.proof("GET", `${PATH}?a=1`, NOTHING)), 401, "another path");
  assert.equal(await statusWith(portal, await device.proof("GET", PATH, Buffer.from("x"))), 401, "another body");
  const { privateKey } = generateKeyPairSync("ed25519");
  assert.equal(
    await statusWith(portal, await device.proof("GET", PATH, NOTHING, { key: privateKey })),
    401,
    "another key",
  );
  const second = await deviceOf(portal);
  const stolen = await second.proof("GET", PATH, NOTHING, { deviceId: device.id });
  assert.equal(await statusWith(portal, stolen), 401, "another device's name");
});

test("H98: a proof from a clock that is a minute off is refused", async (t) => {
  const portal = await testPortal(t);
  const device = await deviceOf(portal);
  for (const offMs of [-61_000, 62_000]) {
    assert.equal(
      await statusWith(portal, await device.proof("GET", PATH, NOTHING, { nowMs: Date.now() + offMs })),
      401,
    );
  }
  assert.equal(await statusWith(portal, await device.proof("GET", PATH, NOTHING, { nowMs: Date.now() + 50_000 })), 200);
});

test("a proof that was used before a restart is not taken after it", async (t) => {
  const portal = await testPortal(t);
  const device = await deviceOf(portal);
  const proof = await device.proof("GET", PATH, NOTHING, {
    nowMs: Date.now() - 5_000,
    nonce: randomBytes(16).toString("hex"),
  });
  await portal.restart();
  assert.equal(await statusWith(portal, proof), 401);
});

test("a token to join works once, for a key that nobody has", async (t) => {
  const portal = await testPortal(t);
  const member = await portal.person("mia", ["member"]);
  const { publicKey } = generateKeyPairSync("ed25519");
  const body = { publicKeyJwk: publicKey.export({ format: "jwk" }), name: "laptop", platform: "linux" };
  const { token } = must(await portal.running.joinToken(member.id));
  const client = portal.client();
  const joined = await client.call("POST", "/api/v1/join", { body: { ...body, token } });
  assert.equal(joined.status, 200);
  assert.equal(textOf(joined, "personId"), member.id);
  assert.equal((await client.call("POST", "/api/v1/join", { body: { ...body, token } })).status, 401);
  const { token: second } = must(await portal.running.joinToken(member.id));
  const taken = await client.call("POST", "/api/v1/join", { body: { ...body, token: second } });
  assert.equal(textOf(taken, "code"), "portal.device_key_wrong");
  const offCurve = { kty: "EC", crv: "P-256", x: "A".repeat(43), y: "B".repeat(43) };
  const refused = await client.call("POST", "/api/v1/join", {
    body: { ...body, publicKeyJwk: offCurve, token: second },
  });
  assert.equal(textOf(refused, "code"), "portal.device_key_wrong");
  assert.equal((await member.call("GET", "/api/v1/devices")).status, 200);
});

test("a removed device can do nothing, and its key cannot join again", async (t) => {
  const portal = await testPortal(t);
  const member = await portal.person("mia", ["member"]);
  const device = await portal.device(member);
  assert.equal((await member.call("DELETE", `/api/v1/devices/${device.id}`)).status, 200);
  const refused = await device.call("GET", PATH);
  assert.equal(textOf(refused, "code"), "portal.proof_wrong");
});

test("a bearer session works without the browser's header, and ends with signing out", async (t) => {
  const portal = await testPortal(t);
  const member = await portal.person("mia", ["member"]);
  const bearer = portal.client({ authorization: `Bearer ${member.token}` });
  assert.equal(memberOf((await bearer.call("GET", "/api/v1/me")).body, "hasPassword"), false);
  assert.equal((await bearer.call("DELETE", "/api/v1/session")).status, 200);
  assert.equal((await bearer.call("GET", "/api/v1/me")).status, 401);
});
