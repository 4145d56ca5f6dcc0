import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { ok } from "../../base/result.ts";
import { PUBLIC_ONLY, type Reach } from "../../domain/address/url-policy.ts";
import type { HttpExchange } from "../../world/http.ts";
import { guardedExchange } from "./guarded-exchange.ts";

const NAMES: Readonly<Record<string, readonly string[]>> = {
  "t.example": ["203.0.113.5", "8.8.8.8"],
  "inside.example": ["10.0.0.1"],
  "rebound.example": ["169.254.169.254", "127.0.0.1", "::1"],
  "portal.example": ["10.0.0.7"],
};

/** A network where each URL answers with a redirect or with 200; what was connected to is recorded. */
function asks(url: string, redirects: Readonly<Record<string, string>> = {}, reach: Reach = PUBLIC_ONLY) {
  const connected: string[] = [];
  const exchange = async (one: HttpExchange) => {
    connected.push(`${one.url} at ${one.address}`);
    const location = redirects[one.url];
    const headers = new Map(location === undefined ? [] : [["location", location]]);
    one.onHead({ status: location === undefined ? 200 : 302, headers });
    return ok();
  };
  const world = { http: { exchange }, names: { resolve: async (host: string) => NAMES[host] ?? [] } };
  const request = { url, reach, headers: {}, timeoutMs: 1_000, onHead: () => true, onBody: () => true };
  return guardedExchange(request, world).then((answered) => ({
    connected,
    outcome: answered.ok ? "ok" : `${answered.error.code} ${answered.error.data["why"]}`,
    told: answered.ok ? undefined : answered.error.data["url"],
  }));
}

test("a public name is asked at an address that was checked, and the name is not resolved again", async () => {
  const { connected, outcome } = await asks("http://t.example/a");
  deepEqual([connected, outcome], [["http://t.example/a at 8.8.8.8"], "ok"]);
});

test("H82, H83: names and addresses inside are not connected to", async () => {
  for (const url of [
    "http://inside.example/",
    "http://rebound.example/",
    "http://127.0.0.1/",
    "http://169.254.169.254/latest",
  ]) {
    const { connected, outcome } = await asks(url);
    deepEqual([connected, outcome], [[], "engine.url_refused it leads to an internal address"], url);
  }
  equal((await asks("http://rebound.example/", {}, { privateAddresses: true, loopback: true })).connected.length, 0);
  equal((await asks("http://nobody.example/")).outcome, "engine.http_failed the name is unknown");
});

test("the institution's own host may be inside", async () => {
  const reach = { ...PUBLIC_ONLY, trustedHosts: new Set(["portal.example"]) };
  equal((await asks("http://portal.example/tracker/1/announce", {}, reach)).outcome, "ok");
});

test("H84: a redirect from outside to the inside is refused, in every spelling", async () => {
  const inside = [
    "http://10.0.0.1/",
    "http://inside.example/",
    "http://2130706433/",
    "http://[::ffff:127.0.0.1]/",
    "//127.0.0.1/",
  ];
  for (const target of [...inside, "file:///etc/passwd", "http://u:p@t.example/"]) {
    const { connected, outcome } = await asks(
      "http://t.example/a",
      { "http://t.example/a": target },
      {
        privateAddresses: true,
        loopback: true,
      },
    );
    deepEqual([connected.length, outcome.slice(0, 18)], [1, "engine.url_refused"], target);
  }
});

test("a refusal repeats neither passkeys nor passwords", async () => {
  const url = "http://t.example/announce?passkey=secret&key=12345678";
  equal((await asks(url, { [url]: url })).told, "http://t.example/announce?…");
  equal((await asks("http://name:secret@t.example/a?b")).told, "http://…@t.example/a?…");
  equal((await asks("http://inside.example/announce?passkey=secret")).told, "http://inside.example/announce?…");
  const inPath = "http://inside.example/0123456789abcdef0123456789abcdef/announce";
  equal((await asks(inPath)).told, "http://inside.example/…/announce");
  equal((await asks("http://inside.example/a/0123456789abcdef?x")).told, "http://inside.example/a/…?…");
});

test("redirects are followed within bounds, relative ones too", async () => {
  const moved = await asks("http://t.example/a", { "http://t.example/a": "/b?x=1" });
  deepEqual([moved.connected.at(-1), moved.outcome], ["http://t.example/b?x=1 at 8.8.8.8", "ok"]);
  const loop = await asks("http://t.example/a", { "http://t.example/a": "/a" });
  deepEqual([loop.connected.length, loop.outcome], [6, "engine.url_refused it redirects without end"]);
});

test("H89: a redirect from https to http is refused", async () => {
  const { connected, outcome } = await asks("https://t.example/a", { "https://t.example/a": "http://t.example/b" });
  deepEqual([connected.length, outcome], [1, "engine.url_refused a redirect gave up encryption"]);
});
