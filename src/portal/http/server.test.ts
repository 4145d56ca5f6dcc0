import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Route } from "../../wire/api/v1/route.ts";
import { ROUTES } from "../../wire/api/v1/routes.ts";
import { TORRENT_MEDIA_TYPE } from "../../wire/api/v1/torrent.ts";
import { encode } from "../../wire/bencode/encode.ts";
import { cast, draftFor, granted } from "../testing/asked.ts";
import { memberOf, type TestPortal, testPortal, textOf } from "../testing/running-portal.ts";
import { attachment } from "./streamed-routes.ts";

/** `fetch` sets Host and Origin itself; this says what it is told to. */
function rawStatus(portal: TestPortal, method: string, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(portal.url + path, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on("error", reject);
    call.end(method === "GET" ? undefined : "{}");
  });
}

test("every route is in the OpenAPI 3.1 document, with its body and its reply", async (t) => {
  const portal = await testPortal(t);
  const reply = await portal.client().call("GET", "/api/v1/openapi.json");
  assert.equal(textOf(reply, "openapi"), "3.1.0");
  const paths = memberOf(reply.body, "paths");
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const path = memberOf(paths, route.path.replace(":id", "{id}"));
    const operation = memberOf(path, route.method.toLowerCase());
    assert.equal(memberOf(operation, "operationId"), name);
    if (route.body !== undefined) assert.ok(memberOf(operation, "requestBody"), `${name} has no body`);
    const responses = memberOf(operation, "responses");
    assert.ok(memberOf(responses, "default"), `${name} does not say how it refuses`);
    if (route.reply !== undefined) assert.ok(memberOf(responses, "200"), `${name} has no reply`);
  }
});

test("H158: a page of another site changes nothing with the browser's cookie", async (t) => {
  const portal = await testPortal(t);
  const { cookie } = await portal.person("mia", ["member"]);
  const path = "/api/v1/join-tokens";
  const own = { cookie, "x-swarmgate": "1" };
  const host = new URL(portal.url).host;
  assert.equal(await rawStatus(portal, "POST", path, { ...own, "content-type": "application/json" }), 200);
  const cases: Record<string, string>[] = [
    { cookie, "content-type": "application/json" },
    { cookie, "content-type": "text/plain", "x-swarmgate": "1" },
    { cookie, "content-type": "application/x-www-form-urlencoded", "x-swarmgate": "1" },
    { ...own, "content-type": "application/json", origin: "http://evil.example" },
    { ...own, "content-type": "application/json", origin: "null" },
    { ...own, "content-type": "application/json", origin: `https://${host}` },
    { ...own, "content-type": "application/json", "sec-fetch-site": "cross-site" },
    { ...own, "content-type": "application/json", "sec-fetch-site": "same-site" },
  ];
  for (const headers of cases) {
    const status = await rawStatus(portal, "POST", path, headers);
    assert.ok(status === 403 || status === 415, `${JSON.stringify(headers)} gave ${status}`);
  }
  const signIn = await rawStatus(portal, "POST", "/api/v1/session", { "content-type": "application/json" });
  assert.equal(signIn, 403, "signing somebody in from another site");
});

test("H158: nothing is changed by GET", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const { grantId } = await granted(people);
  for (const path of [`/api/v1/grants/${grantId}/revoke`, "/api/v1/join-tokens", "/api/v1/requests/R-1/withdraw"]) {
    assert.equal((await people.member.call("GET", path)).status, 404, path);
  }
});

test("H164: another host's name is not answered, whatever is asked", async (t) => {
  const portal = await testPortal(t, { allowedHosts: ["p2p.example.org"] });
  const { port } = new URL(portal.url);
  for (const host of ["evil.example", `evil.example:${port}`, `127.0.0.1.evil.example:${port}`]) {
    for (const path of ["/", "/healthz", "/api/v1/me", "/tracker/x/announce"]) {
      const status = await rawStatus(portal, "GET", path, { host });
      assert.ok(status === 421 || status === 400, `${host} ${path} gave ${status}`);
    }
  }
  assert.equal(await rawStatus(portal, "GET", "/healthz", { host: `localhost:${port}` }), 200);
  assert.equal(await rawStatus(portal, "GET", "/healthz", { host: "P2P.example.org" }), 200);
});

test("H159, H165: pages run no inline script and stand in no frame", async (t) => {
  const pagesDir = mkdtempSync(join(tmpdir(), "pages-"));
  mkdirSync(join(pagesDir, "assets"));
  writeFileSync(join(pagesDir, "index.html"), "<!doctype html><title>Swarmgate</title>");
  writeFileSync(join(pagesDir, "assets", "a-1.js"), "1");
  const portal = await testPortal(t, {}, { pagesDir });
  for (const path of ["/", "/requests/R-1", "/sign-in"]) {
    const page = await portal.client({ accept: "text/html" }).call("GET", path);
    assert.equal(page.status, 200, path);
    assert.match(page.text, /Swarmgate/);
    const policy = page.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(page.headers.get("x-frame-options"), "DENY");
    assert.equal(page.headers.get("x-content-type-options"), "nosniff");
    assert.equal(page.headers.get("cache-control"), "no-cache");
  }
  const asset = await portal.client().call("GET", "/assets/a-1.js");
  assert.match(asset.headers.get("cache-control") ?? "", /immutable/);
  for (const path of [
    "/assets/none.js",
    "/api/v1/none",
    "/../package.json",
    "/%2e%2e/%2e%2e/package.json",
    "/assets/..%2findex.html",
  ]) {
    const status = await rawStatus(portal, "GET", path, {});
    assert.ok(status >= 400, `${path} gave ${status}`);
  }
});

test("a portal without built pages says so, and still answers programs", async (t) => {
  const portal = await testPortal(t);
  const page = await portal.client({ accept: "text/html" }).call("GET", "/");
  assert.equal(page.status, 503);
  assert.equal((await portal.client().call("GET", "/healthz")).status, 200);
});

test("H166: the log holds no secret, no address of a tracker, and no line that somebody else began", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const { jws } = await granted(people);
  const key = /tracker\/([\w-]{43})/.exec(Buffer.from(jws.split(".")[1] ?? "", "base64url").toString())?.[1] ?? "";
  await fetch(`${portal.url}/tracker/${key}/announce?info_hash=secret-hash`);
  const forged = 'x%0a{"level":60,"name":"forged"}';
  await fetch(`${portal.url}/api/v1/requests?q=${forged}`, { headers: { cookie: people.member.cookie } });
  await fetch(`${portal.url}/${forged}`, { headers: { "user-agent": "agent-secret" } });
  const log = portal.logs.join("");
  assert.ok(portal.logs.length > 5);
  for (const secret of [key, people.member.token, people.reviewer.token, "secret-hash", "agent-secret", "forged"]) {
    assert.ok(!log.includes(secret), `the log holds ${secret}`);
  }
  for (const line of portal.logs) assert.equal(line.trimEnd().split("\n").length, 1);
});

test("H169: a person cannot be given more than the form has", async (t) => {
  const portal = await testPortal(t);
  const admin = await portal.person("admin", ["administrator"]);
  const body = { login: "eve", name: "Eve", roles: ["member"], humanId: admin.id, id: admin.id, disabled: true };
  const created = await admin.call("POST", "/api/v1/people", { body });
  assert.equal(created.status, 200);
  assert.notEqual(textOf(created, "id"), admin.id);
  assert.notEqual(textOf(created, "humanId"), admin.id);
  const text = '{"login":"eva","name":"Eva","roles":["member"],"__proto__":{"roles":["administrator"]}}';
  const polluted = await admin.call("POST", "/api/v1/people", { body: Buffer.from(text) });
  assert.equal(polluted.status, 400);
});

test("H170: a download's name holds no path, no quote and no line feed", () => {
  const header = attachment('..\\..\\evil"\r\nset-cookie: a=b/../ünï.torrent');
  assert.doesNotMatch(header, /[\r\n\\]/);
  assert.equal(header.split('"').length, 3);
  assert.match(
    header,
    /^attachment; filename="[A-Za-z0-9_-][A-Za-z0-9._-]*"; filename\*=UTF-8''%C3%BCn%C3%AF\.torrent$/,
  );
});

test("a torrent goes up, is read strictly, and comes down as it was", async (t) => {
  const portal = await testPortal(t);
  const member = await portal.person("mia", ["member"]);
  const info = { length: 5, name: "hello.txt", "piece length": 16_384, pieces: new Uint8Array(20) };
  const bytes = encode({ info });
  const headers = { "content-type": TORRENT_MEDIA_TYPE };
  const added = await member.call("POST", "/api/v1/torrents", { body: bytes, headers });
  assert.equal(added.status, 200);
  assert.equal(textOf({ ...added, body: memberOf(added.body, "summary") }, "name"), "hello.txt");
  const file = await fetch(`${portal.url}/api/v1/torrents/${textOf(added, "torrentId")}/file`, {
    headers: { cookie: member.cookie },
  });
  assert.deepEqual(new Uint8Array(await file.arrayBuffer()), bytes);
  const unsafe = encode({ info: { ...info, name: ".." } });
  const refused = await member.call("POST", "/api/v1/torrents", { body: unsafe, headers });
  assert.equal(refused.status, 422);
  assert.match(textOf(refused, "code"), /^metainfo\./);
  const large = await member.call("POST", "/api/v1/torrents", { body: new Uint8Array(11 * 1024 * 1024), headers });
  assert.equal(textOf(large, "code"), "portal.body_too_large");
});

test("bodies that are too large, broken or of another type are refused in the form of a problem", async (t) => {
  const portal = await testPortal(t);
  const { member, device } = await cast(portal);
  const large = await member.call("POST", "/api/v1/requests", {
    body: draftFor(device, { reason: "a".repeat(2_000_000) }),
  });
  assert.equal(large.status, 413);
  const broken = await member.call("POST", "/api/v1/requests", { body: Buffer.from("{") });
  assert.equal(broken.status, 400);
  const bytes = await member.call("POST", "/api/v1/requests", { body: Buffer.from([0x22, 0xff, 0x22]) });
  assert.equal(bytes.status, 400);
  const type = await member.call("POST", "/api/v1/requests", {
    body: Buffer.from("<a/>"),
    headers: { "content-type": "application/xml" },
  });
  assert.equal(type.status, 415);
});

test("a caller who calls too often is told to wait", async (t) => {
  const slow = { burst: 5, perSecond: 0.1 };
  const portal = await testPortal(t, {}, { callRates: { known: slow, unknown: { burst: 100, perSecond: 10 } } });
  const member = await portal.person("mia", ["member"]);
  const statuses: number[] = [];
  for (let index = 0; index < 7; index++) statuses.push((await member.call("GET", "/api/v1/me")).status);
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429]);
});
