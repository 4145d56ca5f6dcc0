import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { GRANT_FORM, type GrantToken } from "./grant-token.ts";
import { keyThumbprint } from "./key-thumbprint.ts";
import { openToken, type SealingKey, sealToken } from "./sealed-token.ts";

const pair = generateKeyPairSync("ed25519");
const kid = "k".repeat(43);
const sealing: SealingKey = { key: pair.privateKey, algorithm: "EdDSA", kid };
const opening: SealingKey = { key: pair.publicKey, algorithm: "EdDSA", kid };

const claims: GrantToken = {
  v: 1,
  jti: "G-1",
  sub: "P-1",
  dev: "D-1",
  dvk: "t".repeat(43),
  dir: "download",
  app: "bittorrent",
  content: { infoHashV1: "a".repeat(40), name: "data" },
  swarm: "open",
  zones: [],
  nbf: 1_700_000_000,
  exp: 1_700_003_600,
  iat: 1_700_000_000,
  req: "R-1",
  approvers: ["P-2"],
  policy: "1",
};

function forge(header: string, payload: string, key: KeyObject = pair.privateKey): string {
  const input = `${Buffer.from(header).toString("base64url")}.${Buffer.from(payload).toString("base64url")}`;
  return `${input}.${sign(null, Buffer.from(input), key).toString("base64url")}`;
}

const HEADER = JSON.stringify({ alg: "EdDSA", typ: "swarmgate-grant+jwt", kid });
const refusalOf = async (jws: string) => {
  const opened = await openToken(GRANT_FORM, jws, opening);
  return opened.ok ? "accepted" : opened.error;
};

test("what was sealed opens again", async () => {
  const opened = await openToken(GRANT_FORM, await sealToken(GRANT_FORM, claims, sealing), opening);
  assert.deepEqual(opened, { ok: true, value: claims });
});

test("H104: a change of any single character is refused", async () => {
  const jws = await sealToken(GRANT_FORM, claims, sealing);
  for (let index = 0; index < jws.length; index++) {
    const other = jws[index] === "A" ? "B" : "A";
    assert.notEqual(await refusalOf(jws.slice(0, index) + other + jws.slice(index + 1)), "accepted", `at ${index}`);
  }
});

test("H104: alg none, another algorithm, an embedded key and a missing kid are refused", async () => {
  const payload = JSON.stringify(claims);
  const headers = [
    { alg: "none", typ: "swarmgate-grant+jwt", kid },
    { alg: "HS256", typ: "swarmgate-grant+jwt", kid },
    { alg: "EdDSA", typ: "swarmgate-grant+jwt" },
    { alg: "EdDSA", typ: "JWT", kid },
    { alg: "EdDSA", typ: "swarmgate-grant+jwt", kid: "o".repeat(43) },
    { alg: "EdDSA", typ: "swarmgate-grant+jwt", kid, jwk: {} },
    { alg: "EdDSA", typ: "swarmgate-grant+jwt", kid, crit: ["b64"], b64: false },
  ];
  for (const header of headers) assert.equal(await refusalOf(forge(JSON.stringify(header), payload)), "wrong_header");
  const [head, body] = forge(HEADER, payload).split(".");
  assert.equal(await refusalOf(`${head}.${body}.`), "malformed");
});

test("H104: duplicate keys and other spellings of the same claims are refused even when signed", async () => {
  const payload = JSON.stringify(claims);
  assert.equal(await refusalOf(forge(HEADER, payload)), "accepted");
  assert.equal(await refusalOf(forge(HEADER, payload.replace('"v":1', '"v":1,"v":1'))), "malformed");
  assert.equal(await refusalOf(forge(HEADER, payload.replace('"sub":"P-1"', '"sub":"P-9","sub":"P-1"'))), "malformed");
  assert.equal(await refusalOf(forge(HEADER, payload.replace('"v":1', '"v":1.0'))), "malformed");
  assert.equal(await refusalOf(forge(HEADER, ` ${payload}`)), "malformed");
});

test("H104: a signature with spare bits, padding or a larger S is refused", async () => {
  const jws = forge(HEADER, JSON.stringify(claims));
  assert.equal(await refusalOf(`${jws}=`), "malformed");
  const [head, body, tail = ""] = jws.split(".");
  const bytes = Buffer.from(tail, "base64url");
  // S + L: the malleable twin that a verifier without the range check accepts (RFC 8032, 5.1.7).
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  let s = 0n;
  for (let index = 31; index >= 0; index--) s = (s << 8n) | BigInt(bytes[32 + index] ?? 0);
  let twin = s + order;
  for (let index = 0; index < 32; index++) {
    bytes[32 + index] = Number(twin & 255n);
    twin >>= 8n;
  }
  assert.equal(await refusalOf(`${head}.${body}.${bytes.toString("base64url")}`), "bad_signature");
});

test("H108: a token signed by any other key is refused", async () => {
  const device = generateKeyPairSync("ed25519");
  assert.equal(await refusalOf(forge(HEADER, JSON.stringify(claims), device.privateKey)), "bad_signature");
});

test("H109: an oversized token is refused before it is read", async () => {
  const long = { ...claims, content: { ...claims.content, name: "n".repeat(9_000) } };
  assert.equal(await refusalOf(forge(HEADER, JSON.stringify(long))), "too_long");
});

test("a claim that is missing, unknown or of another type is refused", async () => {
  const { exp: _, ...missing } = claims;
  assert.equal(await refusalOf(forge(HEADER, JSON.stringify(missing))), "wrong_claims");
  assert.equal(await refusalOf(forge(HEADER, JSON.stringify({ ...claims, admin: true }))), "wrong_claims");
  assert.equal(await refusalOf(forge(HEADER, JSON.stringify({ ...claims, exp: "9" }))), "wrong_claims");
  const polluted = JSON.stringify(claims).replace('"v":1', '"v":1,"__proto__":{"exp":9}');
  assert.equal(await refusalOf(forge(HEADER, polluted)), "wrong_claims");
});

test("no text at all makes the reader throw", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 300 }), async (text) => (await refusalOf(text)) !== "accepted"),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.string(),
      fc.string(),
      async (head, body) => (await refusalOf(forge(head, body))) !== "accepted",
    ),
    { numRuns: 50 },
  );
});

test("the thumbprint is RFC 8037's example", () => {
  const jwk = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
  assert.equal(keyThumbprint(jwk), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
});
