import assert from "node:assert/strict";
import { test } from "node:test";
import { Value } from "typebox/value";
import { GrantToken } from "../../wire/api/grant-token.ts";
import { decode } from "../../wire/bencode/decode.ts";
import { BencodeDict } from "../../wire/bencode/value.ts";
import { cast, granted, HASH } from "../testing/asked.ts";
import { type TestPortal, testPortal } from "../testing/running-portal.ts";
import { readAnnounceQuery } from "./announce-query.ts";

const PEER_ID = "%2DSG0001%2D123456789012";

function percent(hex: string): string {
  return hex.replaceAll(/../g, "%$&");
}

type Announced = { readonly status: number; readonly dict: BencodeDict };

async function announce(url: string, change: Readonly<Record<string, string>> = {}): Promise<Announced> {
  const fields = { info_hash: percent(HASH), peer_id: PEER_ID, port: "6881", left: "10", compact: "1", ...change };
  const query = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  const response = await fetch(`${url}?${query.join("&")}`);
  const decoded = decode(new Uint8Array(await response.arrayBuffer()));
  assert.ok(decoded.ok && decoded.value instanceof BencodeDict);
  return { status: response.status, dict: decoded.value };
}

function peersIn(announced: Announced): string[] {
  const bytes = announced.dict.get("peers");
  assert.ok(bytes instanceof Uint8Array && bytes.length % 6 === 0);
  return Array.from({ length: bytes.length / 6 }, (_, index) => {
    const [a, b, c, d, high = 0, low = 0] = bytes.subarray(index * 6, index * 6 + 6);
    return `${a}.${b}.${c}.${d}:${high * 256 + low}`;
  });
}

function reason(announced: Announced): string {
  const bytes = announced.dict.get("failure reason");
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : "";
}

async function twoGrants(portal: TestPortal) {
  const people = await cast(portal);
  const other = await portal.person("olga", ["member"]);
  const device = await portal.device(other);
  const first = await granted(people);
  const second = await granted({ ...people, member: other, device });
  const urlOf = (claims: unknown): string => {
    Value.Assert(GrantToken, claims);
    return claims.tracker ?? "";
  };
  return { people, first: { ...first, url: urlOf(first.claims) }, second: { ...second, url: urlOf(second.claims) } };
}

test("peers under different grants for the same content find each other", async (t) => {
  const portal = await testPortal(t);
  const { first, second } = await twoGrants(portal);
  const alone = await announce(first.url, { event: "started" });
  assert.deepEqual(peersIn(alone), []);
  assert.equal(alone.dict.get("incomplete"), 1);
  assert.deepEqual(peersIn(await announce(second.url, { port: "7000", left: "0" })), ["127.0.0.1:6881"]);
  assert.deepEqual(peersIn(await announce(first.url)), ["127.0.0.1:7000"]);
  await announce(second.url, { port: "7000", event: "stopped" });
  assert.deepEqual(peersIn(await announce(first.url)), []);
});

test("H76: an address that the announce claims is ignored", async (t) => {
  const portal = await testPortal(t);
  const { first, second } = await twoGrants(portal);
  await announce(first.url, { ip: "203.0.113.9", ipv4: "203.0.113.9", ipv6: "2001:db8::1" });
  assert.deepEqual(peersIn(await announce(second.url)), ["127.0.0.1:6881"]);
});

test("H77: without a grant, with another content or with a made-up key nothing is announced", async (t) => {
  const portal = await testPortal(t);
  const { first } = await twoGrants(portal);
  const unknown = await announce(`${portal.url}/tracker/${"a".repeat(43)}/announce`);
  assert.equal(unknown.status, 403);
  assert.match(reason(unknown), /No active grant/);
  const other = await announce(first.url, { info_hash: percent("cd".repeat(20)) });
  assert.equal(other.status, 403);
});

test("H78: there is no scrape", async (t) => {
  const portal = await testPortal(t);
  const { first } = await twoGrants(portal);
  for (const url of [first.url.replace("announce", "scrape"), `${portal.url}/scrape`, `${portal.url}/announce`]) {
    const response = await fetch(`${url}?info_hash=${percent(HASH)}`, { headers: { accept: "text/plain" } });
    assert.equal(response.status, 404, url);
  }
});

test("H79: a flood of announces is told to wait", async (t) => {
  const portal = await testPortal(t);
  const { first } = await twoGrants(portal);
  const statuses: number[] = [];
  for (let index = 0; index < 20; index++) statuses.push((await announce(first.url)).status);
  assert.equal(statuses.filter((status) => status === 200).length, 12);
  assert.equal(statuses.at(-1), 429);
});

test("H97: a grant that ended is out of the swarm at once", async (t) => {
  const portal = await testPortal(t);
  const { people, first, second } = await twoGrants(portal);
  await announce(first.url);
  await people.reviewer.call("POST", `/api/v1/grants/${first.grantId}/revoke`, { body: { reason: "stop" } });
  assert.equal((await announce(first.url)).status, 403);
  assert.deepEqual(peersIn(await announce(second.url)), []);
  portal.advance(3_601_000);
  assert.equal((await announce(second.url)).status, 403);
});

test("an announce that breaks the protocol is refused with a reason", async (t) => {
  const portal = await testPortal(t);
  const { first } = await twoGrants(portal);
  const changes = [
    { info_hash: "abc" },
    { port: "0" },
    { port: "65536" },
    { peer_id: "short" },
    { event: "dance" },
    { left: "%zz" },
  ];
  for (const change of changes) {
    const refused = await announce(first.url, change);
    assert.equal(refused.status, 400, JSON.stringify(change));
    assert.notEqual(reason(refused), "");
  }
});

test("every byte survives the query's encoding", () => {
  const hash = Array.from({ length: 20 }, (_, index) => (index * 13 + 7) % 256);
  const mixed = hash.map((byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
  });
  const read = readAnnounceQuery(`info_hash=${mixed.join("")}&peer_id=${"%ff".repeat(20)}&port=1&numwant=500`);
  assert.ok(read.ok);
  assert.equal(read.value.infoHash, Buffer.from(hash).toString("hex"));
  assert.equal(read.value.wantedPeers, 100);
  assert.equal(readAnnounceQuery(`info_hash=${mixed.join("")}&info_hash=x`).ok, false);
});
