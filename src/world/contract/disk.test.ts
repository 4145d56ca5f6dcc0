// What every disk promises; the same tests run over the machine's and the simulated one.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Disk, DiskFile } from "../disk.ts";
import { realDisk } from "../real/disk.ts";
import { SimClock } from "../sim/clock.ts";
import { SimDisk } from "../sim/disk.ts";

const folder = mkdtempSync(join(tmpdir(), "swarmgate-disk-"));
after(() => rmSync(folder, { recursive: true }));

const DISKS: Readonly<Record<string, () => Disk>> = {
  machine: () => realDisk,
  simulated: () => new SimDisk(new SimClock()),
};

function opened(disk: Disk, name: string): DiskFile {
  const file = disk.open({ rootDir: folder, path: ["a", "b", name], access: "write", modeBits: 0o600 });
  assert.ok(file.ok);
  return file.value;
}

for (const [name, make] of Object.entries(DISKS)) {
  test(`${name} disk: several views written at an offset are read back as one run`, () => {
    const file = opened(make(), `${name}-views`);
    assert.ok(file.write([Buffer.from("one"), Buffer.from("two")], 4).ok);
    const bytes = Buffer.alloc(16, 0xff);
    assert.deepEqual(file.read([bytes.subarray(0, 3), bytes.subarray(3)], 0), { ok: true, value: 10 });
    assert.equal(bytes.subarray(0, 10).toString("latin1"), "\0\0\0\0onetwo");
    file.close();
  });

  test(`${name} disk: truncation grows with zeros and cuts`, () => {
    const file = opened(make(), `${name}-truncate`);
    assert.ok(file.write([Buffer.from("swarm")], 0).ok);
    assert.ok(file.truncate(8).ok);
    assert.ok(file.truncate(3).ok);
    const identity = file.identity();
    assert.ok(identity.ok);
    assert.equal(identity.value.sizeBytes, 3);
    file.close();
  });

  test(`${name} disk: reading what is not there names the file`, () => {
    const file = make().open({ rootDir: folder, path: [`${name}-missing`], access: "read", modeBits: 0o600 });
    assert.ok(!file.ok);
    assert.equal(file.error.code, "engine.file_missing");
  });

  test(`${name} disk: a record is replaced whole, kept within its limit, and removed`, () => {
    const disk = make();
    const path = join(folder, `${name}-record`);
    assert.ok(disk.replace(path, Buffer.from("first")).ok);
    assert.ok(disk.replace(path, Buffer.from("second")).ok);
    const read = disk.readWhole(path, 100);
    assert.ok(read.ok);
    assert.equal(Buffer.from(read.value).toString(), "second");
    assert.equal(disk.readWhole(path, 3).ok, false);
    assert.ok(disk.remove(path).ok);
    assert.ok(disk.remove(path).ok);
    assert.equal(disk.readWhole(path, 100).ok, false);
  });
}

test("simulated disk: a power cut takes what was not synced and leaves what was", () => {
  const disk = new SimDisk(new SimClock());
  const file = opened(disk, "power");
  assert.ok(file.write([Buffer.from("kept")], 0).ok && file.sync().ok);
  assert.ok(file.write([Buffer.from("lost")], 0).ok);
  disk.powerCut();
  const bytes = Buffer.alloc(4);
  assert.ok(file.read([bytes], 0).ok);
  assert.equal(bytes.toString(), "kept");
});

test("simulated disk: a full disk refuses to grow and takes the bytes again when there is room", () => {
  const disk = new SimDisk(new SimClock());
  const file = opened(disk, "full");
  disk.capacityBytes = 10;
  const refused = file.write([Buffer.alloc(11)], 0);
  assert.ok(!refused.ok);
  assert.equal(refused.error.code, "engine.disk_full");
  disk.repair();
  assert.ok(file.write([Buffer.alloc(11)], 0).ok);
});

test("simulated disk: a broken operation fails until it is repaired", () => {
  const disk = new SimDisk(new SimClock());
  const file = opened(disk, "broken");
  disk.break("sync", "disk_failed");
  assert.equal(file.sync().ok, false);
  disk.repair();
  assert.equal(file.sync().ok, true);
});
