import assert from "node:assert/strict";
import { test } from "node:test";
import { type GrantClaims, type RevocationList, stateAt } from "./grant.ts";
import { acceptRevocations, type GrantQuery, grantCovers, grantsCover, REVOCATION_STEP_MAX } from "./grant-check.ts";
import { advanceTime } from "./trusted-time.ts";

const NOW = 1_700_000_000;
const V1 = "a".repeat(40);
const V2 = "b".repeat(64);

const list: RevocationList = { v: 1, n: 7, iat: NOW - 10, maxAgeSeconds: 60, revoked: [] };
const grant: GrantClaims = {
  v: 1,
  jti: "G-1",
  sub: "P-1",
  dev: "D-1",
  dvk: "key-1",
  dir: "download",
  app: "bittorrent",
  content: { infoHashV1: V1, name: "data" },
  swarm: "open",
  zones: [],
  nbf: NOW - 100,
  exp: NOW + 100,
  iat: NOW - 100,
  req: "R-1",
  approvers: ["P-2"],
  policy: "1",
};
const query: GrantQuery = {
  device: { id: "D-1", keyThumbprint: "key-1" },
  direction: "download",
  application: "bittorrent",
  content: { infoHashV1: V1 },
  nowMs: NOW * 1000,
  revocations: list,
};

function codeOf(claims: Partial<GrantClaims>, asked: Partial<GrantQuery> = {}): string {
  const answer = grantCovers({ ...grant, ...claims }, { ...query, ...asked });
  return answer.allow ? "allow" : answer.code;
}

test("a grant covers exactly its device, direction, application and content", () => {
  assert.equal(codeOf({}), "allow");
  assert.equal(codeOf({}, { direction: "share" }), "grant.other_direction");
  assert.equal(codeOf({}, { application: "emule" }), "grant.other_application");
  assert.equal(codeOf({}, { content: { infoHashV1: "c".repeat(40) } }), "grant.other_content");
  assert.equal(codeOf({}, { content: {} }), "grant.other_content");
});

test("H97: at the second of its end a grant covers nothing", () => {
  assert.equal(codeOf({}, { nowMs: (NOW + 49) * 1000 }), "allow");
  assert.equal(codeOf({ exp: NOW }), "grant.expired");
  assert.equal(stateAt({ state: "active", expiresAtMs: NOW }, NOW), "expired");
  assert.equal(stateAt({ state: "revoked", expiresAtMs: NOW }, NOW), "revoked");
});

test("H98: a clock set back extends nothing", () => {
  const late = { ...list, iat: NOW + 100 };
  assert.equal(codeOf({}, { nowMs: 0, revocations: late }), "grant.expired");
  const before = advanceTime({ reachedMs: 1000, atMonotonicMs: 5 }, { wallMs: 400, monotonicMs: 30 });
  assert.deepEqual(before, { reachedMs: 1025, atMonotonicMs: 30 });
  assert.equal(advanceTime(before, { wallMs: 9000, monotonicMs: 31 }).reachedMs, 9000);
});

test("H98: a grant from the future is refused, but for a minute between two clocks", () => {
  assert.equal(codeOf({ nbf: NOW + 59, iat: NOW + 59 }), "allow");
  assert.equal(codeOf({ nbf: NOW + 61 }), "grant.not_yet");
  assert.equal(codeOf({ iat: NOW + 61 }), "grant.not_yet");
});

test("H99: a grant replayed on another device, or under its name with another key, is refused", () => {
  assert.equal(codeOf({}, { device: { id: "D-2", keyThumbprint: "key-1" } }), "grant.other_device");
  assert.equal(codeOf({}, { device: { id: "D-1", keyThumbprint: "key-2" } }), "grant.other_device");
});

test("H100: a list with a lower number or an earlier time is refused", () => {
  const now = NOW * 1000;
  assert.deepEqual(acceptRevocations(list, { ...list, n: 6 }, now), { accept: false, why: "rolled_back" });
  assert.deepEqual(acceptRevocations(list, { ...list, n: 8, iat: NOW - 11 }, now), {
    accept: false,
    why: "rolled_back",
  });
  assert.deepEqual(acceptRevocations(list, { ...list, n: 8, iat: NOW }, now), { accept: true });
  assert.deepEqual(acceptRevocations(undefined, list, now), { accept: true });
});

test("H101: past the maximum age of the list every grant is refused", () => {
  assert.equal(codeOf({}, { nowMs: (NOW + 50) * 1000 }), "allow");
  assert.equal(codeOf({}, { nowMs: (NOW + 51) * 1000 }), "grant.revocations_stale");
  assert.equal(codeOf({}, { revocations: undefined }), "grant.revocations_missing");
});

test("H102: a grant for one half of two torrents does not cover the mixture", () => {
  const hybrid = { content: { infoHashV1: V1, infoHashV2: V2, name: "data" } };
  assert.equal(codeOf(hybrid, { content: { infoHashV1: V1, infoHashV2: V2 } }), "allow");
  assert.equal(codeOf(hybrid, { content: { infoHashV2: V2 } }), "allow");
  assert.equal(codeOf(hybrid, { content: { infoHashV1: V1, infoHashV2: "d".repeat(64) } }), "grant.other_content");
  assert.equal(codeOf(hybrid, { content: { infoHashV1: "d".repeat(40), infoHashV2: V2 } }), "grant.other_content");
});

test("H103: a list that jumps ahead cannot lock out the ones that follow", () => {
  const now = NOW * 1000;
  const jumped = { ...list, n: list.n + REVOCATION_STEP_MAX + 1, iat: NOW };
  assert.deepEqual(acceptRevocations(list, jumped, now), { accept: false, why: "jumped" });
  const ahead = { ...list, n: 8, iat: NOW + 601 };
  assert.deepEqual(acceptRevocations(list, ahead, now), { accept: false, why: "from_future" });
});

test("a revoked or returned grant says which and why", () => {
  const revoked = (kind: "revoked" | "returned") => ({
    revocations: { ...list, revoked: [{ grant: "G-1", atSeconds: NOW - 20, kind, why: "wrong data" }] },
  });
  assert.equal(codeOf({}, revoked("revoked")), "grant.revoked");
  assert.equal(codeOf({}, revoked("returned")), "grant.returned");
});

test("H107: a grant that was revoked later denies an older grant for the same content", () => {
  const older = { ...grant, jti: "G-0", iat: NOW - 200 };
  const revocations: RevocationList = {
    ...list,
    revoked: [{ grant: "G-1", atSeconds: NOW - 50, kind: "revoked", why: "must stop" }],
  };
  const overruled = grantsCover([older, grant], { ...query, revocations });
  assert.equal(overruled.allow ? "allow" : overruled.code, "grant.overruled");
  const newer = { ...grant, jti: "G-2", iat: NOW - 20 };
  const again = grantsCover([older, grant, newer], { ...query, revocations });
  assert.equal(again.allow && again.claims.jti, "G-2");
});

test("H107: a grant that its owner gave back denies nothing else", () => {
  const revocations: RevocationList = {
    ...list,
    revoked: [{ grant: "G-1", atSeconds: NOW, kind: "returned", why: "" }],
  };
  assert.equal(grantsCover([grant, { ...grant, jti: "G-0" }], { ...query, revocations }).allow, true);
});

test("of several grants the answer is about the one that fits best", () => {
  const other = { ...grant, jti: "G-9", content: { infoHashV1: "f".repeat(40), name: "other" } };
  const answer = grantsCover([other, { ...grant, exp: NOW }], query);
  assert.equal(answer.allow ? "allow" : answer.code, "grant.expired");
  const none = grantsCover([], query);
  assert.equal(none.allow ? "allow" : none.code, "grant.none");
});

test("a grant bound to zones covers nothing where the zone is unknown or another", () => {
  const zones = { zones: ["campus", "vpn"] as const };
  assert.equal(codeOf(zones), "grant.other_zone");
  assert.equal(codeOf(zones, { zone: "residence" }), "grant.other_zone");
  assert.equal(codeOf(zones, { zone: "vpn" }), "allow");
});
