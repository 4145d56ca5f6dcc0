import assert from "node:assert/strict";
import { test } from "node:test";
import { realEntropy } from "../../world/real/entropy.ts";
import { PasswordHasher } from "../password.ts";
import { QUICK_COST, testPortal, textOf } from "../testing/running-portal.ts";
import { Throttle } from "../throttle.ts";

const PASSWORD = "correct horse battery";
const HEADERS = { "x-swarmgate": "1" };

test("a password signs in, a wrong one and an unknown name do not, and the two look alike", async (t) => {
  const portal = await testPortal(t);
  await portal.person("mia", ["member"], PASSWORD);
  const client = portal.client(HEADERS);
  const good = await client.call("POST", "/api/v1/session", { body: { login: "Mia", password: PASSWORD } });
  assert.equal(good.status, 200);
  const wrong = await client.call("POST", "/api/v1/session", { body: { login: "mia", password: "wrong" } });
  const unknown = await client.call("POST", "/api/v1/session", { body: { login: "nobody", password: "wrong" } });
  assert.equal(wrong.text, unknown.text);
  assert.equal(wrong.status, 401);
});

test("the cookie is out of reach for scripts and other sites", async (t) => {
  const portal = await testPortal(t);
  await portal.person("mia", ["member"], PASSWORD);
  const reply = await portal
    .client(HEADERS)
    .call("POST", "/api/v1/session", { body: { login: "mia", password: PASSWORD } });
  assert.match(
    reply.headers.get("set-cookie") ?? "",
    /^sg_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/,
  );
});

test("H160: signing in never takes over a session, and ends the one that was there", async (t) => {
  const portal = await testPortal(t);
  await portal.person("eve", ["member"], PASSWORD);
  await portal.person("mia", ["member"], PASSWORD);
  const planted = await portal
    .client(HEADERS)
    .call("POST", "/api/v1/session", { body: { login: "eve", password: PASSWORD } });
  const cookie = `sg_session=${textOf(planted, "token")}`;
  const signedIn = await portal
    .client({ ...HEADERS, cookie })
    .call("POST", "/api/v1/session", { body: { login: "mia", password: PASSWORD } });
  assert.notEqual(textOf(signedIn, "token"), textOf(planted, "token"));
  assert.equal((await portal.client({ cookie }).call("GET", "/api/v1/me")).status, 401);
  const invented = { ...HEADERS, cookie: `sg_session=${"a".repeat(43)}` };
  const fresh = await portal
    .client(invented)
    .call("POST", "/api/v1/session", { body: { login: "mia", password: PASSWORD } });
  assert.notEqual(textOf(fresh, "token"), "a".repeat(43));
});

test("a session ends after twelve idle hours and after seven days", async (t) => {
  const portal = await testPortal(t);
  const idle = await portal.person("mia", ["member"]);
  portal.advance(13 * 3_600_000);
  assert.equal((await idle.call("GET", "/api/v1/me")).status, 401);
  const busy = await portal.person("mia", ["member"]);
  for (let hours = 0; hours < 7 * 24; hours += 10) {
    assert.equal((await busy.call("GET", "/api/v1/me")).status, 200, `after ${hours} hours`);
    portal.advance(10 * 3_600_000);
  }
  assert.equal((await busy.call("GET", "/api/v1/me")).status, 401);
});

test("H168: the ninth wrong password in a row is not looked at any more", async (t) => {
  const portal = await testPortal(t);
  await portal.person("mia", ["member"], PASSWORD);
  const client = portal.client(HEADERS);
  const attempt = (password: string) => client.call("POST", "/api/v1/session", { body: { login: "mia", password } });
  for (let index = 0; index < 8; index++) assert.equal((await attempt(`wrong ${index}`)).status, 401);
  const locked = await attempt(PASSWORD);
  assert.equal(locked.status, 429);
  assert.ok(Number(locked.headers.get("retry-after")) > 0);
});

test("H168: many names from one address are limited too", async (t) => {
  const portal = await testPortal(t);
  const client = portal.client(HEADERS);
  const statuses: number[] = [];
  for (let index = 0; index < 45; index++) {
    const reply = await client.call("POST", "/api/v1/session", { body: { login: `user${index}`, password: "x" } });
    statuses.push(reply.status);
  }
  assert.ok(statuses.includes(429));
});

test("changing the password ends every other session", async (t) => {
  const portal = await testPortal(t);
  const first = await portal.person("mia", ["member"], PASSWORD);
  const second = await portal.person("mia", ["member"]);
  const wrong = await second.call("POST", "/api/v1/me/password", {
    body: { current: "wrong", password: "another password" },
  });
  assert.equal(wrong.status, 401);
  const body = { current: PASSWORD, password: "another password" };
  assert.equal((await second.call("POST", "/api/v1/me/password", { body })).status, 200);
  assert.equal((await second.call("GET", "/api/v1/me")).status, 200);
  assert.equal((await first.call("GET", "/api/v1/me")).status, 401);
});

test("passwords are argon2id with a salt each, two at a time, and a crowd is told to wait", async () => {
  const hasher = new PasswordHasher(realEntropy, QUICK_COST);
  const stored = await hasher.hash(PASSWORD);
  assert.match(stored ?? "", /^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
  assert.notEqual(stored, await hasher.hash(PASSWORD));
  assert.equal(await hasher.matches(stored ?? "", PASSWORD), true);
  assert.equal(await hasher.matches(stored ?? "", `${PASSWORD}.`), false);
  assert.equal(await hasher.matches(null, PASSWORD), false);
  const crowd = await Promise.all(Array.from({ length: 100 }, () => hasher.matches(stored ?? "", PASSWORD)));
  assert.equal(crowd.filter((one) => one === true).length, 66);
  assert.equal(crowd.filter((one) => one === "busy").length, 34);
});

test("a throttle lets a burst through, then the rate, and forgets who is quiet", () => {
  const throttle = new Throttle({ burst: 3, perSecond: 1 });
  assert.deepEqual(
    [1, 2, 3].map(() => throttle.take("a", 0)),
    [0, 0, 0],
  );
  assert.equal(throttle.take("a", 0), 1_000);
  assert.equal(throttle.take("b", 0), 0);
  assert.equal(throttle.take("a", 1_000), 0);
  assert.equal(throttle.take("a", 1_500), 500);
});
