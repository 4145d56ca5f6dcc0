// The gate as a whole program with a whole institution beside it: grants by push, and whoever is blocked learns why.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { draftFor } from "../../src/portal/testing/asked.ts";
import type { Check } from "../../src/wire/local/status.ts";
import { until } from "../lab/deadline.ts";
import { Institution } from "../lab/institution.ts";
import { approve, command, hireReviewer } from "../lab/people.ts";
import { missing } from "../lab/requirements.ts";
import { runCommand } from "../lab/swarmgate.ts";
import { handshakePasses, startEcho } from "./echo.ts";
import { Yard } from "./yard.ts";

const PASSWORD = "correct horse battery staple";
const OPENS_MS_MAX = 2000;
const CLOSES_MS_MAX = 5000;

/** Signs a network officer in where the gate looks for the session. */
async function hireOfficer(institution: Institution, token: string, folder: string): Promise<void> {
  const body = { login: "olga", name: "Olga Officer", roles: ["network-officer"], password: PASSWORD };
  const created = await institution.api("POST", "/api/v1/people", { token, body });
  assert.equal(created.status, 200, JSON.stringify(created.body));
  const args = ["sign-in", "--portal", institution.url, "--login", "olga", "--data", folder];
  const signedIn = await runCommand(institution.host, folder, args, { env: { SWARMGATE_PASSWORD: PASSWORD } });
  assert.equal(signedIn.code, 0, signedIn.stderr + signedIn.stdout);
}

/** What the portal told the node when it joined. */
function enrolmentOf(institution: Institution): { deviceId: string; rootKey: string } {
  using database = new DatabaseSync(join(institution.dataFolder, "node", "node.db"), { readOnly: true });
  const row = database.prepare("SELECT device_id, root_key FROM enrolment").get();
  return { deviceId: String(row?.["device_id"]), rootKey: String(row?.["root_key"]) };
}

test("a portal's approval opens the gate in 2 s, a revocation closes it in 5 s, and doctor names the gate that blocks", {
  skip: missing("ip", "nft", "tcpdump"),
}, async () => {
  using yard = new Yard();
  const host = yard.client();
  using _echo = await startEcho(yard.outside);
  const data = yard.newFolder("institution");
  using institution = await Institution.start(yard.router, data, yard.folder);
  const token = await hireReviewer(institution);
  const session = yard.newFolder("gate-session");
  await hireOfficer(institution, token, session);
  const { deviceId, rootKey } = enrolmentOf(institution);
  const [config, root] = [yard.path("gate.json"), yard.path("root.jwk")];
  writeFileSync(config, JSON.stringify({ devices: { [deviceId]: { addresses: [host.address] } } }));
  writeFileSync(root, rootKey);
  const words = ["--portal", institution.url, "--data", session, "--root-key", root, "--name", "north"];
  using gate = await yard.gate("--mode", "enforce", "--confirm-within", "0", "--config", config, ...words);
  const isBlocked = async (): Promise<Check | undefined> => {
    const said = await command(institution, ["doctor"]);
    const checks = said.values[0]?.["checks"];
    return Array.isArray(checks) ? checks.find((check: Check) => check.name === "gate" && !check.ok) : undefined;
  };

  assert.equal(handshakePasses(host, yard.outside.address), false);
  const check = await until("the portal is told of the block", isBlocked, 20_000);
  assert.match(check.why ?? "", /bittorrent traffic is refused by the rule "in no zone: block" of the gate north/);
  assert.match(check.next ?? "", new RegExp(`/ask\\?device=${deviceId}$`));

  const described = { infoHashV1: "ab".repeat(20), name: "words", totalBytes: 5 };
  const body = { ...draftFor({ id: deviceId }), described };
  const asked = await institution.api("POST", "/api/v1/requests", { token, body });
  assert.equal(asked.status, 200, JSON.stringify(asked.body));
  await approve(institution, "words");
  await gate.printed(/"event":"grants","open":\[\{/, OPENS_MS_MAX);
  assert.equal(handshakePasses(host, yard.outside.address), true);

  const listed = await command(institution, ["grant", "list", "--scope", "all"]);
  const id = /"G-[^"]+"/.exec(listed.stdout)?.[0]?.slice(1, -1) ?? "";
  const revoked = await command(institution, ["grant", "revoke", id, "--reason", "no longer needed"]);
  assert.equal(revoked.code, 0, revoked.stdout + revoked.stderr);
  await gate.printed(/"event":"grants","open":\[\]/, CLOSES_MS_MAX);
  assert.equal(handshakePasses(host, yard.outside.address), false);
});
