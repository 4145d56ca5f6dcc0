import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { GrantClaims, RevocationList } from "../../domain/grant.ts";
import { GRANT_FORM, REVOCATIONS_FORM } from "../../wire/api/grant-token.ts";
import { keyThumbprint } from "../../wire/api/key-thumbprint.ts";
import { sealToken } from "../../wire/api/sealed-token.ts";
import type { MonotonicMs, WallMs } from "../../world/clock.ts";
import { realClock } from "../../world/real/clock.ts";
import { NodeDatabase } from "../store/database.ts";
import { Facts } from "../store/facts.ts";
import { GrantStore } from "../store/grants.ts";
import { GrantKeeper } from "./keeper.ts";

const base = mkdtempSync(join(tmpdir(), "keeper-test-"));
after(() => rmSync(base, { recursive: true }));

const NOW = 1_800_000_000;
const HASH = "ab".repeat(20);
const DEVICE = "D-1";
const THUMBPRINT = "x".repeat(43);
const root = keyPair();
const stranger = keyPair();
let folders = 0;

function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x } = publicKey.export({ format: "jwk" });
  const jwk = { kty: "OKP" as const, crv: "Ed25519" as const, x: String(x) };
  const kid = keyThumbprint(jwk);
  return { sealing: { key: privateKey, algorithm: "EdDSA" as const, kid }, jwk: { ...jwk, kid } };
}

type Desk = {
  keeper: GrantKeeper;
  set(wallSeconds: number): void;
  pass(seconds: number): void;
  again(): Promise<GrantKeeper>;
};

/** A keeper on a clock that the test sets. */
async function desk(): Promise<Desk> {
  let wallMs = NOW * 1000;
  let monotonicMs = 1_000;
  const clock = { ...realClock, wallMs: () => wallMs as WallMs, monotonicMs: () => monotonicMs as MonotonicMs };
  const database = new NodeDatabase(join(base, String((folders += 1))));
  const facts = new Facts(database);
  const enrolment = {
    deviceId: DEVICE,
    personId: "P-1",
    personName: "Mia",
    institution: "Test",
    portalUrl: "http://127.0.0.1:1",
    rootKey: root.jwk,
  };
  const make = async () => {
    const store = new GrantStore(database);
    const keeper = new GrantKeeper({ facts, store, clock, enrolment, deviceThumbprint: THUMBPRINT });
    await keeper.restore();
    return keeper;
  };
  return {
    keeper: await make(),
    set: (wallSeconds) => void (wallMs = wallSeconds * 1000),
    pass: (seconds) => {
      wallMs += seconds * 1000;
      monotonicMs += seconds * 1000;
    },
    again: make,
  };
}

function claims(change: Partial<GrantClaims> = {}): GrantClaims {
  return {
    v: 1,
    jti: "G-1",
    sub: "P-1",
    dev: DEVICE,
    dvk: THUMBPRINT,
    dir: "download",
    app: "bittorrent",
    content: { infoHashV1: HASH, name: "a dataset" },
    swarm: "open",
    zones: [],
    nbf: NOW,
    exp: NOW + 3600,
    iat: NOW,
    req: "R-1",
    approvers: ["P-2"],
    policy: "1",
    ...change,
  };
}

async function grant(change: Partial<GrantClaims> = {}, by = root.sealing) {
  const all = claims(change);
  const jws = await sealToken(GRANT_FORM, { ...all, zones: [...all.zones], approvers: [...all.approvers] }, by);
  return { grantId: all.jti, jws, requestId: all.req, torrentId: "T-1" };
}

function list(change: Partial<RevocationList> = {}, by = root.sealing): Promise<string> {
  const all = { v: 1 as const, n: 5, iat: NOW, maxAgeSeconds: 600, revoked: [], ...change };
  return sealToken(REVOCATIONS_FORM, { ...all, revoked: [...all.revoked] }, by);
}

const revoked = [{ grant: "G-1", atSeconds: NOW, kind: "revoked" as const, why: "No longer." }];

function codeOf(keeper: GrantKeeper): string {
  const answer = keeper.covers({ infoHashV1: HASH });
  return answer.allow ? "allowed" : answer.code;
}

test("no grant, no list of revocations: refused; with both: allowed", async () => {
  const { keeper } = await desk();
  assert.equal(codeOf(keeper), "grant.none");
  assert.ok((await keeper.accept(await grant())).ok);
  assert.equal(codeOf(keeper), "grant.revocations_missing");
  assert.ok((await keeper.acceptRevocations(await list())).ok);
  assert.equal(codeOf(keeper), "allowed");
  assert.equal(keeper.covers({ infoHashV1: "cd".repeat(20) }).allow, false);
});

test("H97, H98: the end comes, and a clock set back before or after it extends nothing, nor does a restart", async () => {
  const here = await desk();
  await here.keeper.accept(await grant());
  await here.keeper.acceptRevocations(await list({ maxAgeSeconds: 86_400 }));
  here.pass(3_500);
  here.set(NOW - 86_400);
  assert.equal(codeOf(here.keeper), "allowed");
  here.pass(200);
  assert.equal(codeOf(here.keeper), "grant.expired");
  assert.equal(codeOf(await here.again()), "grant.expired");
});

test("H99, H104: another device's grant, a stranger's seal, an altered token and alg none are refused", async () => {
  const { keeper } = await desk();
  await keeper.acceptRevocations(await list());
  assert.ok((await keeper.accept(await grant({ dev: "D-2" }))).ok);
  assert.equal(codeOf(keeper), "grant.other_device");
  assert.equal((await keeper.accept(await grant({}, stranger.sealing))).ok, false);
  const good = await grant();
  const [header = "", payload = "", signature = ""] = good.jws.split(".");
  const altered = Buffer.from(JSON.stringify(claims({ exp: NOW + 999_999 }))).toString("base64url");
  const none = Buffer.from('{"alg":"none","typ":"swarmgate-grant+jwt"}').toString("base64url");
  for (const jws of [`${header}.${altered}.${signature}`, `${none}.${payload}.`, `${header}.${payload}.`, "x"]) {
    assert.equal((await keeper.accept({ ...good, jws })).ok, false, jws.slice(0, 40));
  }
});

test("H102: a grant under another's id or request is refused", async () => {
  const { keeper } = await desk();
  const good = await grant();
  assert.equal((await keeper.accept({ ...good, grantId: "G-2" })).ok, false);
  assert.equal((await keeper.accept({ ...good, requestId: "R-2" })).ok, false);
});

test("H100, H103: the number of the list never falls and never leaps, also after a restart", async () => {
  const here = await desk();
  await here.keeper.accept(await grant());
  assert.ok((await here.keeper.acceptRevocations(await list({ n: 7, revoked }))).ok);
  assert.equal(codeOf(here.keeper), "grant.revoked");
  const again = await here.again();
  assert.equal((await again.acceptRevocations(await list({ n: 6 }))).ok, false);
  assert.equal((await again.acceptRevocations(await list({ n: 2_000_000_000 }))).ok, false);
  assert.equal((await again.acceptRevocations(await list({ n: 8 }, stranger.sealing))).ok, false);
  assert.equal(codeOf(again), "grant.revoked");
});

test("H101, H106: a list older than its maximum age denies, until a newer one comes", async () => {
  const here = await desk();
  await here.keeper.accept(await grant());
  await here.keeper.acceptRevocations(await list());
  here.pass(601);
  assert.equal(codeOf(here.keeper), "grant.revocations_stale");
  assert.ok((await here.keeper.acceptRevocations(await list({ n: 6, iat: NOW + 600 }))).ok);
  assert.equal(codeOf(here.keeper), "allowed");
});

test("H105: without the portal a running grant goes on, to its end and while the list is fresh", async () => {
  const here = await desk();
  await here.keeper.accept(await grant());
  await here.keeper.acceptRevocations(await list());
  here.pass(500);
  assert.equal(codeOf(await here.again()), "allowed");
});

test("H107: of two grants for the same content, a revoked one denies the one that was given before", async () => {
  const { keeper } = await desk();
  await keeper.accept(await grant({ jti: "G-0", iat: NOW - 100, nbf: NOW - 100 }));
  await keeper.accept(await grant());
  await keeper.acceptRevocations(await list({ revoked }));
  assert.equal(codeOf(keeper), "grant.overruled");
  assert.equal(keeper.coversBy("G-0", { infoHashV1: HASH }).allow, false);
});

test("a dropped grant is not taken up again", async () => {
  const { keeper } = await desk();
  await keeper.acceptRevocations(await list());
  await keeper.accept(await grant());
  keeper.drop("G-1");
  await keeper.accept(await grant());
  assert.equal(codeOf(keeper), "grant.none");
});
