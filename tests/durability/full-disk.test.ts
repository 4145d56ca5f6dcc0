// The disk under the whole program fills up in mid-download: the transfer says so and waits, people still ask and decide,
// and when there is room again everything goes on by itself.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { completed } from "../lab/clients/client.ts";
import { Libtorrent } from "../lab/clients/libtorrent.ts";
import { Opentracker } from "../lab/clients/opentracker.ts";
import { hashesOf, writeFiles } from "../lab/content.ts";
import { until } from "../lab/deadline.ts";
import { Institution } from "../lab/institution.ts";
import { Lab } from "../lab/lab.ts";
import { approve, command, hireReviewer } from "../lab/people.ts";
import { missing } from "../lab/requirements.ts";

const CONTENT_BYTES = 64_000_000;
const SMALL_DISK = "72m";
const LARGE_DISK = "400m";

test("H148: a full disk stops a transfer and nothing else, and room lets it go on", {
  skip: missing("ip", "python3-libtorrent", "opentracker"),
}, async () => {
  using lab = Lab.create();
  using offered = await offer(lab);
  const data = lab.newFolder("data");
  using disk = smallDisk(data);
  using institution = await Institution.start(lab.host("campus"), data, lab.folder);
  const token = await hireReviewer(institution);
  // By now the tracker has read its list anew; who announces before that comes back after minutes only.
  await offered.seed();
  await command(institution, ["get", offered.large, "--reason", "larger than the disk"]);
  await approve(institution, "large");
  await until("the transfer says that the disk is full", async () => {
    const listed = await command(institution, ["list"]);
    return /disk is full/i.test(listed.stdout);
  });
  const full = await institution.api("GET", "/healthz");
  assert.equal(full.status, 200);
  await command(institution, ["get", offered.small, "--reason", "asked for on a full disk"]);
  await approve(institution, "small");

  disk.grow();
  const done = await command(institution, ["get", offered.large, "--wait"], 90_000);
  assert.equal(done.code, 0, done.stdout + done.stderr);
  assert.deepEqual(hashesOf(join(data, "node", "library", "large")), hashesOf(join(offered.content, "large")));
  const listed = await institution.api("GET", "/api/v1/requests?scope=mine", { token });
  assert.equal((listed.body["requests"] as unknown[]).length, 2, "what was asked for on a full disk is kept");
  const verified = await command(institution, ["audit", "verify"]);
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  assert.ok(!institution.program.hasEnded, "the program lived through it all");
});

type Offer = Disposable & {
  readonly large: string;
  readonly small: string;
  readonly content: string;
  /** Announces both. */
  seed(): Promise<void>;
};

async function offer(lab: Lab): Promise<Offer> {
  const content = lab.newFolder("content");
  writeFiles(content, { "large/noise.bin": CONTENT_BYTES, "small/noise.bin": 1_000 });
  const tracker = await Opentracker.start(lab.host("tracker"), lab.newFolder("tracker"));
  const seeder = await Libtorrent.start(lab.host("seeder"), { folder: lab.newFolder("seeder") });
  const hashes: string[] = [];
  for (const name of ["large", "small"]) {
    const file = join(lab.folder, `${name}.torrent`);
    const made = await seeder.create({
      path: join(content, name),
      output: file,
      format: "v1",
      trackers: [tracker.announceUrl],
    });
    hashes.push(made.infoHashV1 ?? "");
  }
  await tracker.allow(hashes);
  const large = join(lab.folder, "large.torrent");
  const small = join(lab.folder, "small.torrent");
  return {
    large,
    small,
    content,
    async seed() {
      for (const file of [large, small]) await completed(seeder, await seeder.add({ file }, content));
    },
    [Symbol.dispose]() {
      seeder[Symbol.dispose]();
      tracker[Symbol.dispose]();
    },
  };
}

/** A file system in memory of its own, too small at first. */
function smallDisk(path: string): Disposable & { grow(): void } {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${SMALL_DISK},mode=0700`, "tmpfs", path]);
  return {
    grow: () => execFileSync("mount", ["-o", `remount,size=${LARGE_DISK}`, path]),
    [Symbol.dispose]: () => execFileSync("umount", ["--lazy", path]),
  };
}
