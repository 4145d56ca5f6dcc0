import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Value } from "typebox/value";
import { DEVICE_AUTH_SCHEME } from "../../wire/api/v1/device-auth.ts";
import { PushEvent } from "../../wire/api/v1/event.ts";
import { EventHub, type Subscriber } from "../event-hub.ts";
import { cast, decide, draftFor, file, granted, HASH } from "../testing/asked.ts";
import { type DeviceClient, memberOf, type TestPortal, testPortal, textOf } from "../testing/running-portal.ts";

type Received = { readonly id: number; readonly event: PushEvent };
type Listener = {
  /** The next event of this type; fails after five seconds. */
  next<Type extends PushEvent["type"]>(type: Type): Promise<Received & { event: Extract<PushEvent, { type: Type }> }>;
  readonly ended: Promise<void>;
  readonly all: Received[];
};

async function listen(
  t: TestContext,
  portal: TestPortal,
  as: { readonly cookie: string } | DeviceClient,
  lastId?: number,
): Promise<Listener> {
  const path = "/api/v1/events";
  const headers: Record<string, string> =
    "cookie" in as
      ? { cookie: as.cookie }
      : { authorization: `${DEVICE_AUTH_SCHEME} ${await as.proof("GET", path, new Uint8Array())}` };
  if (lastId !== undefined) headers["last-event-id"] = String(lastId);
  const abort = new AbortController();
  t.after(() => abort.abort());
  const response = await fetch(portal.url + path, { headers, signal: abort.signal });
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  const all: Received[] = [];
  let wake = (): void => undefined;
  const ended = (async () => {
    let text = "";
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split("\n\n");
        text = blocks.pop() ?? "";
        for (const block of blocks) keep(all, block);
        wake();
      }
    } catch {
      // The test ended the stream.
    }
    wake();
  })();
  return {
    all,
    ended,
    async next(type) {
      const deadline = AbortSignal.timeout(5_000);
      deadline.addEventListener("abort", () => wake());
      for (;;) {
        const index = all.findIndex((one) => one.event.type === type);
        const found = all[index];
        if (found !== undefined) {
          all.splice(index, 1);
          return found as never;
        }
        assert.ok(!deadline.aborted, `no ${type} came`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

function keep(all: Received[], block: string): void {
  const data = /^data: (.*)$/m.exec(block)?.[1];
  if (data === undefined) return;
  const event: unknown = JSON.parse(data);
  Value.Assert(PushEvent, event);
  assert.equal(/^event: (.*)$/m.exec(block)?.[1], event.type);
  all.push({ id: Number(/^id: (\d+)$/m.exec(block)?.[1]), event });
}

test("an approval reaches the device with its token, and the pages without it", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const device = await listen(t, portal, people.device);
  const page = await listen(t, portal, people.member);
  const officer = await listen(t, portal, people.reviewer);
  const stranger = await listen(t, portal, await portal.person("olga", ["member"]));
  assert.ok((await device.next("revocations")).event.jws.length > 0);
  const { grantId } = await granted(people);
  const pushed = (await device.next("grant")).event;
  assert.equal(pushed.grantId, grantId);
  assert.ok(pushed.jws);
  assert.equal((await page.next("grant")).event.jws, null);
  assert.equal((await officer.next("request")).event.state, "pending");
  assert.equal((await officer.next("request")).event.state, "approved");
  assert.deepEqual(stranger.all, []);
});

test("a revocation reaches the device well within five seconds, list and grant", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const { grantId } = await granted(people);
  const device = await listen(t, portal, people.device);
  await device.next("revocations");
  const startMs = performance.now();
  await people.reviewer.call("POST", `/api/v1/grants/${grantId}/revoke`, { body: { reason: "stop" } });
  const { event } = await device.next("revocations");
  const list: unknown = JSON.parse(Buffer.from(event.jws.split(".")[1] ?? "", "base64url").toString());
  assert.match(JSON.stringify(memberOf(list, "revoked")), new RegExp(grantId));
  assert.equal((await device.next("grant")).event.state, "revoked");
  assert.ok(performance.now() - startMs < 5_000);
});

test("H101: the list says how old it may become, and a new one comes within a third of that", async (t) => {
  const portal = await testPortal(t, { revocationMaxAgeSeconds: 6 });
  const { device } = await cast(portal);
  const listener = await listen(t, portal, device);
  const numbers: unknown[] = [];
  for (let index = 0; index < 2; index++) {
    const { jws } = (await listener.next("revocations")).event;
    const list: unknown = JSON.parse(Buffer.from(jws.split(".")[1] ?? "", "base64url").toString());
    assert.equal(memberOf(list, "maxAgeSeconds"), 6);
    numbers.push(memberOf(list, "n"));
  }
  assert.ok(Number(numbers[1]) > Number(numbers[0]));
});

test("who comes back with the last id gets what was missed; after a restart everything is asked for again", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const before = await listen(t, portal, people.member);
  const id = await file(people.member, draftFor(people.device));
  const { id: lastId } = await before.next("request");
  await decide(people.reviewer, id, "deny", { version: 1, reason: "no" });
  const after = await listen(t, portal, people.member, lastId);
  assert.equal((await after.next("request")).event.state, "denied");
  await portal.restart();
  const later = await listen(t, portal, people.member, lastId);
  await later.next("resync");
});

test("a command waits for a device that does not listen, and is given once", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const { grantId } = await granted(people);
  const report = { grantId, infoHash: HASH, state: "fetching", why: "one peer", bytesDone: 5, bytesTotal: 10 };
  const rest = { rateDown: 1, rateUp: 0, peers: [], pieces: null, pieceCount: null, libraryPath: null };
  const page = await listen(t, portal, people.member);
  await people.device.call("PUT", "/api/v1/device/transfers", { body: { transfers: [{ ...report, ...rest }] } });
  const { transfer } = (await page.next("transfer")).event;
  assert.equal(transfer.path[2]?.why, "one peer");
  const paused = await people.member.call("POST", `/api/v1/transfers/${transfer.id}/pause`);
  const device = await listen(t, portal, people.device);
  const { event } = await device.next("command");
  assert.deepEqual([event.command, event.commandId], ["pause", textOf(paused, "commandId")]);
  await people.member.call("POST", `/api/v1/transfers/${transfer.id}/resume`);
  assert.equal((await device.next("command")).event.command, "resume");
  const again = await listen(t, portal, people.device);
  await again.next("revocations");
  assert.deepEqual(again.all, []);
});

test("a bad verdict reaches every device that scanned the same bytes, and one that comes later", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const other = await portal.person("olga", ["member"]);
  const otherDevice = await portal.device(other);
  const first = await granted(people);
  const second = await granted({ ...people, member: other, device: otherDevice });
  const verdict = (grantId: string, result: string) => ({
    grantId,
    sha256: "a".repeat(64),
    piecesRoot: null,
    bytes: 68,
    fileName: "tool.zip",
    verdict: result,
    engine: "yara",
    signatures: "1",
    why: result === "infected" ? "EICAR" : "",
  });
  const tell = (device: DeviceClient, one: unknown) =>
    device.call("POST", "/api/v1/device/verdicts", { body: { verdicts: [one] } });
  await tell(people.device, verdict(first.grantId, "clean"));
  const holder = await listen(t, portal, people.device);
  await tell(otherDevice, verdict(second.grantId, "infected"));
  const told = (await holder.next("verdict")).event;
  assert.deepEqual([told.verdict, told.grantId], ["infected", first.grantId]);
  await tell(people.device, verdict(first.grantId, "clean"));
  assert.equal((await holder.next("verdict")).event.why, "EICAR");
  const known = await people.member.call("GET", `/api/v1/verdicts?sha256=${"a".repeat(64)}`);
  assert.doesNotMatch(known.text, /tool\.zip/);
});

test("H161: a stream ends with the session, the account and the device", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const admin = await portal.person("admin", ["administrator"]);
  const page = await listen(t, portal, people.member);
  await people.member.call("DELETE", "/api/v1/session");
  await page.ended;
  const device = await listen(t, portal, people.device);
  await admin.call("PATCH", `/api/v1/people/${people.member.id}`, { body: { disabled: true } });
  await device.ended;
});

test("nobody opens streams without end", async (t) => {
  const portal = await testPortal(t);
  const member = await portal.person("mia", ["member"]);
  for (let index = 0; index < 20; index++) await listen(t, portal, member);
  const refused = await member.call("GET", "/api/v1/events");
  assert.equal(textOf(refused, "code"), "portal.listeners_too_many");
});

test("a reader that does not read is let go, and the backlog is bounded", () => {
  const hub = new EventHub(1);
  let closed = 0;
  const deaf: Subscriber = {
    as: { kind: "device", deviceId: "D-1", personId: "P-1" },
    endsAtMs: Number.POSITIVE_INFINITY,
    send: () => false,
    close: () => void closed++,
  };
  hub.subscribe(deaf, undefined);
  const quarantine = { type: "quarantine", deviceId: "D-1" } as const;
  for (let index = 0; index < 6_000; index++) hub.push({ devices: ["D-1"] }, quarantine);
  assert.equal(closed, 1);
  assert.equal(hub.subscriberCount, 0);
  const got: PushEvent[] = [];
  const reader: Subscriber = { ...deaf, send: (_, event) => got.push(event) > 0 };
  hub.subscribe(reader, 1_001);
  assert.deepEqual(got, [{ type: "resync" }]);
  hub.unsubscribe(reader);
  hub.subscribe(reader, hub.lastId - 10);
  assert.equal(got.length, 11);
});

test("a gate's report wakes the owners of the blocked devices and those who see everything, and nobody else", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const officer = await portal.person("olga", ["network-officer"]);
  const other = await portal.person("otto", ["member"]);
  const [owner, watcher, stranger] = [
    await listen(t, portal, people.member),
    await listen(t, portal, officer),
    await listen(t, portal, other),
  ];
  const block = {
    address: "10.1.0.7",
    deviceId: people.device.id,
    application: "bittorrent",
    treatment: "refused",
    why: { code: "bt.handshake", sentence: "The BitTorrent handshake begins a direction of the flow." },
    rule: "zone campus: block",
    zone: "campus",
    sinceMs: 1,
    lastMs: 2,
    flows: 3,
    packets: 4,
  };
  const tell = (blocks: readonly unknown[]) =>
    officer.call("PUT", "/api/v1/gate/blocks", { body: { gate: "g", blocks } });
  await tell([block]);
  await Promise.all([owner.next("blocks"), watcher.next("blocks")]);
  // It opened again: the page that still shows the block has to learn that too.
  await tell([]);
  await Promise.all([owner.next("blocks"), watcher.next("blocks")]);
  await tell([{ ...block, deviceId: null }]);
  await watcher.next("blocks");
  assert.deepEqual(
    [owner, stranger].map(({ all }) => all.filter(({ event }) => event.type === "blocks").length),
    [0, 0],
  );
});
