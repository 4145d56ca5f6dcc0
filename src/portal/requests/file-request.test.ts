import assert from "node:assert/strict";
import { test } from "node:test";
import { Value } from "typebox/value";
import { Preview } from "../../wire/api/v1/request.ts";
import { cast, decide, draftFor, file, granted, HASH } from "../testing/asked.ts";
import { memberOf, testPortal, textOf } from "../testing/running-portal.ts";

test("a person and a device of theirs both ask", async (t) => {
  const portal = await testPortal(t);
  const { member, device } = await cast(portal);
  assert.equal(await file(member, draftFor(device)), "R-1");
  const other = { described: { infoHashV2: "cd".repeat(32), name: "other" } };
  assert.equal(await file(device, draftFor(device, other)), "R-2");
  const mine = await member.call("GET", "/api/v1/requests?scope=mine");
  assert.equal(memberOf(mine.body, "total"), 2);
});

test("a device asks only for itself", async (t) => {
  const portal = await testPortal(t);
  const { member, device } = await cast(portal);
  const second = await portal.device(member, "p256");
  const refused = await second.call("POST", "/api/v1/requests", { body: draftFor(device) });
  assert.equal(textOf(refused, "code"), "portal.device_missing");
});

test("the same key gives the same request again, and never for another content", async (t) => {
  const portal = await testPortal(t);
  const { member, device } = await cast(portal);
  const headers = { "idempotency-key": "key-0001" };
  const send = (draft: unknown) => member.call("POST", "/api/v1/requests", { body: draft, headers });
  const replies = await Promise.all([send(draftFor(device)), send(draftFor(device)), send(draftFor(device))]);
  assert.deepEqual(new Set(replies.map((reply) => textOf(reply, "id"))), new Set(["R-1"]));
  const other = await send(draftFor(device, { reason: "another" }));
  assert.equal(textOf(other, "code"), "portal.key_reused");
});

test("the same content is not asked for twice while the first is undecided", async (t) => {
  const portal = await testPortal(t);
  const { member, device } = await cast(portal);
  await file(member, draftFor(device));
  const again = await member.call("POST", "/api/v1/requests", { body: draftFor(device) });
  assert.equal(textOf(again, "code"), "portal.request_pending");
  assert.match(textOf(again, "detail"), /R-1/);
});

test("an old policy, an unknown device and missing content are refused with a reason", async (t) => {
  const portal = await testPortal(t);
  const { member, device } = await cast(portal);
  const cases = [
    [{ policyVersion: "0" }, "portal.policy_outdated"],
    [{ deviceId: "D-unknown" }, "portal.device_missing"],
    [{ described: undefined }, "portal.content_missing"],
    [{ described: { name: "only a name" } }, "portal.content_missing"],
    [{ torrentId: "T-unknown", described: undefined }, "portal.thing_unknown"],
    [{ torrentId: "T-unknown" }, "portal.content_missing"],
    [{ durationSeconds: 200 * 86_400 }, "portal.request_refused"],
    [{ durationSeconds: 1 }, "portal.body_wrong"],
    [{ reason: "  " }, "portal.body_wrong"],
  ] as const;
  for (const [change, code] of cases) {
    const reply = await member.call("POST", "/api/v1/requests", { body: draftFor(device, change) });
    assert.equal(textOf(reply, "code"), code, JSON.stringify(change));
  }
  assert.equal(memberOf((await member.call("GET", "/api/v1/requests")).body, "total"), 0);
});

test("H169: members that nobody asked for change nothing", async (t) => {
  const portal = await testPortal(t);
  const { member, device } = await cast(portal);
  const forged = { state: "approved", personId: "P-other", id: "R-99", approvalsNeeded: 0, grantId: "G-1" };
  const reply = await member.call("POST", "/api/v1/requests", { body: { ...draftFor(device), ...forged } });
  assert.equal(textOf(reply, "id"), "R-1");
  assert.equal(textOf(reply, "state"), "pending");
  assert.equal(memberOf(memberOf(reply.body, "person"), "id"), member.id);
});

test("what will happen is said before asking", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const preview = async (change = {}) => {
    const { reason: _, policyVersion: __, ...draft } = draftFor(people.device, change);
    const reply = await people.member.call("POST", "/api/v1/requests/preview", { body: draft });
    Value.Assert(Preview, reply.body);
    return reply.body;
  };
  assert.equal((await preview()).outcome, "needs-review");
  assert.equal((await preview({ direction: "share", swarm: "open" })).approvals, 2);
  assert.equal((await preview({ durationSeconds: 200 * 86_400 })).outcome, "refused");
  const { grantId } = await granted(people);
  assert.equal((await preview()).outcome, "granted-already");
  const report = {
    grantId,
    infoHash: HASH,
    state: "released",
    why: "",
    bytesDone: 1_000,
    bytesTotal: 1_000,
    rateDown: 0,
    rateUp: 0,
    peers: [],
    pieces: null,
    pieceCount: null,
    libraryPath: "/library/climate-data",
  };
  const put = await people.device.call("PUT", "/api/v1/device/transfers", { body: { transfers: [report] } });
  assert.equal(memberOf(put.body, "accepted"), 1);
  const after = await preview();
  assert.equal(after.outcome, "released-already");
  assert.equal(after.similar[0]?.transferState, "released");
});

test("another member does not learn that somebody asked for the same", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  await granted(people);
  const other = await portal.person("olga", ["member"]);
  const { reason: _, policyVersion: __, deviceId: ___, ...draft } = draftFor(people.device);
  const reply = await other.call("POST", "/api/v1/requests/preview", { body: draft });
  assert.deepEqual(memberOf(reply.body, "similar"), []);
});

test("a request that nobody decides lapses after thirty days, also while the portal is stopped", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const id = await file(people.member, draftFor(people.device));
  portal.advance(31 * 86_400_000);
  const reviewer = await portal.person("rolf", ["reviewer"]);
  assert.equal(textOf(await decide(reviewer, id, "approve"), "code"), "portal.request_decided");
  await portal.restart();
  const shown = await (await portal.person("rolf", ["reviewer"])).call("GET", `/api/v1/requests/${id}`);
  assert.equal(textOf(shown, "state"), "lapsed");
});

test("lists page, filter and search on the portal's side", async (t) => {
  const portal = await testPortal(t);
  const { member, device, reviewer } = await cast(portal);
  for (let index = 0; index < 7; index++) {
    const infoHashV1 = index.toString(16).padStart(40, "0");
    await file(member, draftFor(device, { described: { infoHashV1, name: `part ${index} 100%` } }));
  }
  const first = await reviewer.call("GET", "/api/v1/requests?scope=decide&limit=3");
  assert.equal(memberOf(first.body, "total"), 7);
  const cursor = textOf(first, "nextCursor");
  const second = await reviewer.call("GET", `/api/v1/requests?scope=decide&limit=5&cursor=${cursor}`);
  assert.equal(memberOf(second.body, "nextCursor"), null);
  const found = await reviewer.call("GET", `/api/v1/requests?scope=all&q=${encodeURIComponent("PART 3 100%")}`);
  assert.equal(memberOf(found.body, "total"), 1);
  const byNumber = await reviewer.call("GET", "/api/v1/requests?scope=all&q=r-4");
  assert.equal(memberOf(byNumber.body, "total"), 1);
  assert.equal((await reviewer.call("GET", "/api/v1/requests?cursor=nonsense")).status, 400);
});
