import assert from "node:assert/strict";
import { test } from "node:test";
import { ROLES } from "../../domain/person.ts";
import type { Route } from "../../wire/api/v1/route.ts";
import { ROUTES } from "../../wire/api/v1/routes.ts";
import { cast, draftFor, file, granted, HASH } from "../testing/asked.ts";
import { type Client, memberOf, testPortal, textOf } from "../testing/running-portal.ts";
import { ACCESS } from "./access.ts";

const MAGNET = `magnet:?xt=urn:btih:${"ef".repeat(20)}&dn=secret-name`;

/** A body that the route would take, so that a refusal is about the caller and not about the form. */
const BODIES: Readonly<Record<string, unknown>> = {
  changePerson: { roles: ["administrator"] },
  editRequest: { version: 1, reason: "changed by somebody else" },
  approveRequest: { version: 1 },
  denyRequest: { version: 1, reason: "no" },
  askAboutRequest: { version: 1, reason: "what?" },
  withdrawRequest: {},
  revokeGrant: { reason: "no" },
  returnGrant: { reason: "no" },
};

test("H157: every route with an id, for every role, with the id of somebody else's thing", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const { grantId } = await granted(people);
  const waiting = await file(
    people.member,
    draftFor(people.device, { described: { infoHashV1: "cd".repeat(20), name: "b" } }),
  );
  const torrent = await people.member.call("POST", "/api/v1/torrents", { body: { magnet: MAGNET } });
  const report = transferReport(grantId);
  await people.device.call("PUT", "/api/v1/device/transfers", { body: { transfers: [report] } });
  const transfers = await people.member.call("GET", "/api/v1/transfers");
  const transferId = /"id":"(X-[a-z0-9]+)"/.exec(transfers.text)?.[1] ?? "";
  const foreign = (path: string): string => {
    if (path.includes("/people/")) return people.member.id;
    if (path.includes("/devices/")) return people.device.id;
    if (path.includes("/torrents/")) return textOf(torrent, "torrentId");
    if (path.includes("/requests/")) return waiting;
    return path.includes("/grants/") ? grantId : transferId;
  };
  const allowed = new Set<string>();
  let tried = 0;
  for (const role of ROLES) {
    const stranger = await portal.person(`other-${role}`, [role]);
    const clients: [string, Client][] = [
      [role, stranger],
      [`${role}'s device`, await portal.device(stranger)],
    ];
    for (const [who, client] of clients) {
      for (const [name, route] of Object.entries<Route>(ROUTES)) {
        if (!route.path.includes(":id")) continue;
        // Reading comes before what would change the thing; those that may change it are listed below.
        const mayChange = isReviewer(who) && /^(approve|deny|ask|revoke|pause|resume|remove)/.test(name);
        const manages = who === "administrator" && /^(changePerson|issueSignInLink|removeDevice)$/.test(name);
        if (mayChange || manages) continue;
        const body = route.method === "GET" || route.method === "DELETE" ? undefined : (BODIES[name] ?? {});
        for (const id of [foreign(route.path), "Z-nothing"]) {
          const reply = await client.call(route.method, route.path.replace(":id", id), { body });
          tried++;
          if (reply.status < 300) allowed.add(`${who}: ${name}`);
          else assert.ok([403, 404].includes(reply.status), `${who}: ${name} ${id} gave ${reply.status} ${reply.text}`);
        }
      }
    }
  }
  assert.ok(tried > 300, `only ${tried} calls`);
  const seeing = ["showGrant", "showRequest", "showTransfer"];
  assert.deepEqual(
    [...allowed].sort(),
    [
      ...seeing.map((name) => `administrator: ${name}`),
      ...seeing.map((name) => `network-officer: ${name}`),
      ...[...seeing, "showTorrent", "torrentFile"].map((name) => `reviewer: ${name}`),
    ].sort(),
  );
});

function isReviewer(who: string): boolean {
  return who === "reviewer";
}

test("H157: every route asks for what the table of access says", async (t) => {
  const portal = await testPortal(t);
  const member = await portal.person("mia", ["member"]);
  const device = await portal.device(member);
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const access = Object.entries(ACCESS).find(([row]) => row === name)?.[1];
    assert.ok(access, `${name} is missing`);
    if (access.by === "open" || name === "events") continue;
    const path = route.path.replace(":id", "Z-nothing");
    const nobody = await portal.client({ "x-swarmgate": "1" }).call(route.method, path, { body: bodyFor(route) });
    assert.equal(nobody.status, 401, `${name} for nobody gave ${nobody.status}`);
    if (access.by === "device") {
      const person = await member.call(route.method, path, { body: bodyFor(route) });
      assert.equal(person.status, 403, `${name} for a person gave ${person.status}`);
    }
    if (access.by === "person") {
      const asDevice = await device.call(route.method, path, { body: bodyFor(route) });
      assert.equal(asDevice.status, 403, `${name} for a device gave ${asDevice.status}`);
    }
  }
});

function bodyFor(route: Route): unknown {
  return route.body === undefined ? undefined : {};
}

test("H157: lists of all are refused to members, and a device sees only its owner's things", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  await granted(people);
  const other = await portal.person("olga", ["member"]);
  for (const path of ["requests?scope=all", "requests?scope=decide", "grants?scope=all", "transfers?scope=all"]) {
    assert.equal((await other.call("GET", `/api/v1/${path}`)).status, 403, path);
  }
  assert.equal((await other.call("GET", "/api/v1/quarantine?scope=all")).status, 403);
  for (const path of ["people", "audit", "audit/export", "audit/checkpoint"]) {
    assert.equal((await other.call("GET", `/api/v1/${path}`)).status, 403, path);
  }
  const reviewerDevice = await portal.device(people.reviewer);
  assert.equal((await reviewerDevice.call("GET", "/api/v1/requests?scope=all")).status, 403);
  assert.equal(memberOf((await reviewerDevice.call("GET", "/api/v1/requests")).body, "total"), 0);
});

test("H157: a device reports only about its own grants", async (t) => {
  const portal = await testPortal(t);
  const people = await cast(portal);
  const { grantId } = await granted(people);
  const stranger = await portal.device(await portal.person("olga", ["member"]));
  const sibling = await portal.device(people.member);
  for (const device of [stranger, sibling]) {
    const transfers = await device.call("PUT", "/api/v1/device/transfers", {
      body: { transfers: [transferReport(grantId)] },
    });
    assert.deepEqual(transfers.body, { accepted: 0, refused: 1 });
    const verdict = { grantId, sha256: "a".repeat(64), piecesRoot: null, bytes: 1, fileName: "a", verdict: "clean" };
    const verdicts = await device.call("POST", "/api/v1/device/verdicts", {
      body: { verdicts: [{ ...verdict, engine: "e", signatures: "1", why: "" }] },
    });
    assert.deepEqual(verdicts.body, { accepted: 0, refused: 1 });
  }
  const wrong = await people.device.call("PUT", "/api/v1/device/transfers", {
    body: { transfers: [{ ...transferReport(grantId), infoHash: "0".repeat(40) }] },
  });
  assert.deepEqual(wrong.body, { accepted: 0, refused: 1 });
});

function transferReport(grantId: string) {
  return {
    grantId,
    infoHash: HASH,
    state: "fetching",
    why: "",
    bytesDone: 1,
    bytesTotal: 10,
    rateDown: 1,
    rateUp: 0,
    peers: [],
    pieces: null,
    pieceCount: null,
    libraryPath: null,
  };
}
