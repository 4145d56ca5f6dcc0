// What reaches the portal before anything is proved: grants and proofs as text, announces, settings.

import { parseSettings } from "../../../src/portal/settings.ts";
import { readAnnounceQuery } from "../../../src/portal/tracker/announce-query.ts";
import { claimedDevice } from "../../../src/wire/api/device-proof.ts";
import { GRANT_FORM } from "../../../src/wire/api/grant-token.ts";
import { readToken } from "../../../src/wire/api/sealed-token.ts";
import type { FuzzTarget } from "../target.ts";

const KID = "k".repeat(43);

function token(claims: object): Uint8Array {
  const parts = [{ alg: "EdDSA", typ: "swarmgate-grant+jwt", kid: KID }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  return Buffer.from([...parts, Buffer.alloc(64, 7).toString("base64url")].join("."));
}

const CLAIMS = {
  v: 1,
  jti: "G-1",
  sub: "P-1",
  dev: "D-1",
  dvk: "t".repeat(43),
  dir: "download",
  app: "bittorrent",
  content: { infoHashV1: "a".repeat(40), name: "data" },
  swarm: "open",
  zones: ["campus"],
  nbf: 1,
  exp: 2,
  iat: 1,
  req: "R-1",
  approvers: ["P-2"],
  policy: "1",
};

export const GRANT_TOKEN: FuzzTarget = {
  name: "grant-token",
  seeds: () => [token(CLAIMS), token({ ...CLAIMS, maxBytes: 5 }), token({ sub: "D-1" })],
  run(input) {
    const text = Buffer.from(input).toString("latin1");
    const read = readToken(GRANT_FORM, text, { algorithm: "EdDSA", kid: KID });
    const device = claimedDevice(text) === undefined ? "nobody" : "somebody";
    return `${read.ok ? "claims" : read.error}, ${device}`;
  },
};

export const ANNOUNCE: FuzzTarget = {
  name: "portal-announce",
  seeds: () => [
    Buffer.from(`info_hash=${"%ab".repeat(20)}&peer_id=${"-".repeat(20)}&port=6881&left=0&event=started&numwant=50`),
    Buffer.from("info_hash=a&port=0"),
  ],
  run(input) {
    const read = readAnnounceQuery(Buffer.from(input).toString("latin1"));
    return read.ok ? read.value.event : String(read.error.data["detail"]).replaceAll(/\w+ stands/g, "one stands");
  },
};

export const SETTINGS: FuzzTarget = {
  name: "portal-settings",
  seeds: () => [Buffer.from('{"port":7700,"policy":{"version":"1","text":"t","rules":[]}}'), Buffer.from("{}")],
  run(input) {
    const parsed = parseSettings(Buffer.from(input).toString("utf8"), "settings.json");
    return parsed.ok ? "settings" : "refused";
  },
};
