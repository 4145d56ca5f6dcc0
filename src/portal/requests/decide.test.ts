import assert from "node:assert/strict";
import { test } from "node:test";
import { Value } from "typebox/value";
import { pathGlyphs } from "../../domain/path.ts";
import { GRANT_FORM, GrantToken } from "../../wire/api/grant-token.ts";
import { openToken } from "../../wire/api/sealed-token.ts";
import { RequestDetail } from "../../wire/api/v1/request.ts";
import { openRootKey } from "../root-key.ts";
import { cast, decide, draftFor, file, granted, HASH } from "../testing/asked.ts";
import { memberOf, must, testPortal, textOf } from "../testing/running-portal.ts";

test("an approval becomes a signed grant for exactly what was asked", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const { jws, requestId } = await granted(people);
  const key = must(openRootKey(`${portal.dataDir}/portal/root.key`, "refuse"));
  const opened = await openToken(GRANT_FORM, jws, key.opening);
  assert.ok(opened.ok);
  const claims: GrantToken = opened.value;
  assert.equal(claims.sub, people.member.id);
  assert.equal(claims.dev, people.device.id);
  assert.equal(claims.content.infoHashV1, HASH);
  assert.equal(claims.req, requestId);
  assert.deepEqual(claims.approvers, [people.reviewer.id]);
  assert.equal(claims.exp - claims.iat, 3_600);
  const shown = await people.member.call("GET", `/api/v1/requests/${requestId}`);
  Value.Assert(RequestDetail, shown.body);
  assert.equal(pathGlyphs(shown.body.path), "●●◐○○○");
});

test("an approval can narrow duration, bytes and zones, and never widens", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const id = await file(people.member, draftFor(people.device));
  const narrow = { durationSeconds: 600, maxBytes: 500, zones: ["campus"] };
  const approved = await decide(people.reviewer, id, "approve", { version: 1, narrow });
  const grant = await people.member.call("GET", `/api/v1/grants/${textOf(approved, "grantId")}`);
  const claims = memberOf(grant.body, "claims");
  Value.Assert(GrantToken, claims);
  assert.equal(claims.exp - claims.iat, 600);
  assert.equal(claims.maxBytes, 500);
  assert.deepEqual(claims.zones, ["campus"]);
  const again = await file(people.member, draftFor(people.device));
  const wide = await decide(people.reviewer, again, "approve", { version: 1, narrow: { durationSeconds: 86_400 } });
  const second = await people.member.call("GET", `/api/v1/grants/${textOf(wide, "grantId")}`);
  const wideClaims = memberOf(second.body, "claims");
  Value.Assert(GrantToken, wideClaims);
  assert.equal(wideClaims.exp - wideClaims.iat, 3_600);
});

test("H153: nobody decides their own request, not even under a linked account", async (t) => {
  const portal = await testPortal(t);
  const both = await portal.person("both", ["member", "reviewer"]);
  const device = await portal.device(both);
  const id = await file(both, draftFor(device));
  for (const verb of ["approve", "deny", "ask"]) {
    const own = await decide(both, id, verb, { version: 1, reason: "mine" });
    assert.equal(own.status, 403);
    assert.equal(textOf(own, "code"), "portal.request_own");
  }
  const alias = await portal.person("alias", ["reviewer"]);
  const admin = await portal.person("admin", ["administrator"]);
  await admin.call("PATCH", `/api/v1/people/${alias.id}`, { body: { linkTo: both.id } });
  const linked = await decide(alias, id, "approve");
  assert.equal(textOf(linked, "code"), "portal.request_own");
  const list = await alias.call("GET", "/api/v1/requests?scope=decide");
  assert.equal(memberOf(list.body, "total"), 0);
});

test("H153: a vote of an account that is linked to the asker afterwards does not count", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const second = await portal.person("sara", ["reviewer"]);
  const share = { direction: "share", swarm: "open" };
  const id = await file(people.member, draftFor(people.device, share));
  await decide(people.reviewer, id, "approve");
  const admin = await portal.person("admin", ["administrator"]);
  await admin.call("PATCH", `/api/v1/people/${people.reviewer.id}`, { body: { linkTo: people.member.id } });
  const approved = await decide(second, id, "approve");
  assert.equal(textOf(approved, "state"), "pending");
  assert.equal(memberOf(approved.body, "approvalsGiven"), 1);
});

test("H154: of twenty approvals at once one counts", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const id = await file(people.member, draftFor(people.device));
  const replies = await Promise.all(Array.from({ length: 20 }, () => decide(people.reviewer, id, "approve")));
  assert.equal(replies.filter((reply) => reply.status === 200).length, 1);
  const grants = await people.member.call("GET", "/api/v1/grants");
  assert.equal(memberOf(grants.body, "total"), 1);
});

test("H154: one reviewer is one of the two who are needed, however often they vote", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const id = await file(people.member, draftFor(people.device, { direction: "share", swarm: "open" }));
  await decide(people.reviewer, id, "approve");
  const again = await decide(people.reviewer, id, "approve");
  assert.equal(textOf(again, "code"), "portal.vote_cast");
  const second = await portal.person("sara", ["reviewer"]);
  assert.equal(textOf(await decide(second, id, "approve"), "state"), "approved");
});

test("H155: an edit voids the votes and the version that was looked at", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const second = await portal.person("sara", ["reviewer"]);
  const id = await file(people.member, draftFor(people.device, { direction: "share", swarm: "open" }));
  await decide(people.reviewer, id, "approve");
  const edited = await people.member.call("PATCH", `/api/v1/requests/${id}`, {
    body: { version: 1, reason: "for something else" },
  });
  assert.equal(memberOf(edited.body, "version"), 2);
  assert.equal(memberOf(edited.body, "approvalsGiven"), 0);
  assert.equal(textOf(await decide(second, id, "approve"), "code"), "portal.request_changed");
  assert.equal(textOf(await decide(second, id, "approve", { version: 2 }), "state"), "pending");
});

test("H156: the vote of a reviewer who lost the role does not count", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const second = await portal.person("sara", ["reviewer"]);
  const admin = await portal.person("admin", ["administrator"]);
  const id = await file(people.member, draftFor(people.device, { direction: "share", swarm: "open" }));
  await decide(people.reviewer, id, "approve");
  await admin.call("PATCH", `/api/v1/people/${people.reviewer.id}`, { body: { roles: ["member"] } });
  const approved = await decide(second, id, "approve");
  assert.equal(textOf(approved, "state"), "pending");
  const third = await portal.person("tom", ["reviewer"]);
  assert.equal(textOf(await decide(third, id, "approve"), "state"), "approved");
});

test("H161: with an account end its sessions, requests and grants", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const { grantId } = await granted(people);
  const waiting = await file(
    people.member,
    draftFor(people.device, { described: { infoHashV1: "cd".repeat(20), name: "b" } }),
  );
  const admin = await portal.person("admin", ["administrator"]);
  await admin.call("PATCH", `/api/v1/people/${people.member.id}`, { body: { disabled: true, reason: "left" } });
  assert.equal((await people.member.call("GET", "/api/v1/me")).status, 401);
  assert.equal((await people.device.call("GET", "/api/v1/device/grants")).status, 403);
  const grant = await people.reviewer.call("GET", `/api/v1/grants/${grantId}`);
  assert.equal(textOf(grant, "state"), "revoked");
  const request = await people.reviewer.call("GET", `/api/v1/requests/${waiting}`);
  assert.equal(textOf(request, "state"), "lapsed");
  const enabled = await admin.call("PATCH", `/api/v1/people/${people.member.id}`, { body: { disabled: false } });
  assert.equal(enabled.status, 200);
  assert.equal((await people.member.call("GET", "/api/v1/me")).status, 401);
});

test("the last administrator cannot be disabled or lose the role", async (t) => {
  const portal = await testPortal(t);
  const admin = await portal.person("admin", ["administrator"]);
  for (const patch of [{ disabled: true }, { roles: ["member"] }]) {
    const refused = await admin.call("PATCH", `/api/v1/people/${admin.id}`, { body: patch });
    assert.equal(textOf(refused, "code"), "portal.administrator_last");
  }
});

test("a denial ends the request and says why; nothing can be decided twice", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const id = await file(people.member, draftFor(people.device));
  assert.equal((await decide(people.reviewer, id, "deny")).status, 400);
  const denied = await decide(people.reviewer, id, "deny", { version: 1, reason: "no licence" });
  Value.Assert(RequestDetail, denied.body);
  assert.equal(denied.body.path[1]?.why, "no licence");
  assert.equal(textOf(await decide(people.reviewer, id, "approve"), "code"), "portal.request_decided");
  const withdrawn = await people.member.call("POST", `/api/v1/requests/${id}/withdraw`, { body: {} });
  assert.equal(textOf(withdrawn, "code"), "portal.request_decided");
});

test("a question is answered by an edit", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const id = await file(people.member, draftFor(people.device));
  const asked = await decide(people.reviewer, id, "ask", { version: 1, reason: "Which licence?" });
  assert.equal(textOf(asked, "question"), "Which licence?");
  const edited = await people.member.call("PATCH", `/api/v1/requests/${id}`, { body: { version: 1, reason: "CC BY" } });
  assert.equal(memberOf(edited.body, "question"), null);
  assert.equal(textOf(await decide(people.reviewer, id, "approve", { version: 2 }), "state"), "approved");
});
