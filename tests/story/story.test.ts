// The story of the product as one test on real input: refused, asked, approved, fetched, held, scanned, released, revoked,
// and all of it on a record that cannot be changed unseen.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { verifyAudit } from "../../src/portal/offline.ts";
import { openSqlite } from "../../src/world/real/sqlite.ts";
import { hashesOf } from "../lab/content.ts";
import { until } from "../lab/deadline.ts";
import type { Host } from "../lab/host.ts";
import { Institution } from "../lab/institution.ts";
import { Lab } from "../lab/lab.ts";
import { approve, command, hireReviewer } from "../lab/people.ts";
import { missing } from "../lab/requirements.ts";
import { runCommand } from "../lab/swarmgate.ts";
import { makeOffer, type Offer } from "./offer.ts";
import { damageEverywhere } from "./record.ts";

const skip = missing("ip", "tcpdump", "transmission-daemon", "opentracker", "python3-libtorrent");
const TRANSFER_MS_MAX = 200_000;
const REVOCATION_MS_MAX = 5_000;
const COMMAND_EVERY = 10;

type Stage = {
  readonly lab: Lab;
  readonly offer: Offer;
  readonly campus: Host;
  readonly data: string;
  readonly library: string;
  readonly institution: Institution;
};

test("the story", { skip }, async (t) => {
  using lab = Lab.create();
  using offer = await makeOffer(lab);
  const campus = lab.host("campus");
  const data = join(lab.folder, "data");
  mkdirSync(data);
  using institution = await Institution.start(campus, data, lab.folder);
  await hireReviewer(institution);
  const stage: Stage = { lab, offer, campus, data, library: join(data, "node", "library"), institution };
  for (const [title, chapter] of Object.entries(CHAPTERS)) await t.test(title, () => chapter(stage));
});

const CHAPTERS: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  "get without a grant is refused, and no packet reaches the peer or the tracker": refusal,
  "after approval the bytes arrive, are equal, and lie in the library without an executable bit": release,
  "an infected torrent ends with exit 5, and nothing of the infected file is in the library": infection,
  "a grant revoked in mid-transfer ends the connection within five seconds": revocation,
  "the record verifies, and fails after any byte of it is changed": record,
};

async function refusal({ lab, offer, campus, institution }: Stage): Promise<void> {
  const strangers = `host ${offer.seederHost.address} or host ${offer.trackerHost.address}`;
  using capture = await campus.capture(join(lab.folder, "refused.pcap"), strangers);
  const refused = await command(institution, ["get", offer.packages.file, "--reason", "packages for the lab"]);
  assert.equal(refused.code, 3, refused.stdout + refused.stderr);
  // The capture is shown to see: this call crosses the link, and nothing before it did.
  const call = `require('net').connect(9, '${offer.seederHost.address}').on('error', (e) => console.log(e.code))`;
  assert.equal(campus.run(process.execPath, ["-e", call]).trim(), "ECONNREFUSED");
  await capture.stop();
  assert.equal(capture.packets("tcp port 9").length, 2);
  assert.deepEqual(capture.packets("not tcp port 9 and not arp"), []);
}

async function release({ offer, library, institution }: Stage): Promise<void> {
  const wait = command(institution, ["get", offer.packages.file, "--wait"], TRANSFER_MS_MAX);
  await approve(institution, offer.packages.name);
  const got = await wait;
  assert.equal(got.code, 0, got.stdout + got.stderr);
  const arrived = join(library, offer.packages.name);
  assert.deepEqual(hashesOf(arrived), hashesOf(offer.packages.path));
  for (const name of readdirSync(arrived)) {
    assert.equal((statSync(join(arrived, name)).mode & 0o777).toString(8), "640", name);
  }
}

async function infection({ offer, library, institution }: Stage): Promise<void> {
  const wait = command(institution, ["get", offer.infected.file, "--reason", "tools", "--wait"], TRANSFER_MS_MAX);
  await approve(institution, offer.infected.name);
  const got = await wait;
  assert.equal(got.code, 5, got.stdout + got.stderr);
  assert.equal(existsSync(join(library, offer.infected.name)), false);
  const held = await command(institution, ["quarantine", "list"]);
  assert.match(held.stdout, /tools\.zip/);
}

async function revocation({ lab, offer, campus, library, institution }: Stage): Promise<void> {
  await offer.seeder.limitUpload(1_000_000);
  using capture = await campus.capture(join(lab.folder, "revoked.pcap"), `host ${offer.seederHost.address}`);
  const wait = command(institution, ["get", offer.long.file, "--reason", "measurements", "--wait"], TRANSFER_MS_MAX);
  await approve(institution, offer.long.name);
  const connected = (): boolean => campus.run("ss", ["-Htn", "dst", offer.seederHost.address]).includes("ESTAB");
  await until("bytes flow", () => connected() && capture.packets("greater 1000").length > 500, 60_000);
  const grant = await grantOf(institution, offer.long.name);
  const revoked = await command(institution, ["grant", "revoke", grant, "--reason", "no longer needed"]);
  assert.equal(revoked.code, 0, revoked.stdout + revoked.stderr);
  const revokedAtMs = Date.now();
  await until("the connection ends", () => !connected(), REVOCATION_MS_MAX);
  const got = await wait;
  assert.equal(got.code, 3, got.stdout + got.stderr);
  assert.equal(existsSync(join(library, offer.long.name)), false);
  await capture.stop();
  const lastMs = 1000 * Number(capture.packets("greater 1000").at(-1)?.split(" ")[0]);
  assert.ok(lastMs < revokedAtMs + REVOCATION_MS_MAX, `content still came ${lastMs - revokedAtMs} ms later`);
}

async function record({ lab, campus, data, institution }: Stage): Promise<void> {
  const verified = await command(institution, ["audit", "verify"]);
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  await institution.stop();
  const verify = async (folder: string): Promise<number | null> =>
    (await runCommand(campus, folder, ["audit", "verify", "--data", folder])).code;
  assert.equal(await verify(data), 0);
  await damageEverywhere(data, lab.folder, async (damaged, what, turn) => {
    const checked = await verifyAudit(damaged, undefined, (path) => openSqlite(path, "read"));
    assert.ok(!checked.ok, `${what} was changed and not noticed`);
    // The command does this and no more; a process for each damage would be most of the story's time.
    if (turn % COMMAND_EVERY === 0) assert.notEqual(await verify(damaged), 0, `${what} was not noticed by the command`);
  });
}

async function grantOf(institution: Institution, name: string): Promise<string> {
  const listed = await command(institution, ["grant", "list", "--scope", "all"]);
  const grants = listed.values.flatMap((value) => value["grants"] as { id: string; content: { name: string } }[]);
  const grant = grants.find((one) => one.content.name === name);
  assert.ok(grant !== undefined, listed.stdout);
  return grant.id;
}
