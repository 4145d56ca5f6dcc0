// The node against bad moments: killed anywhere, two at once, changed files, bad news after the release.

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startNode } from "../../src/node/start.ts";
import { institution, loopbackWorld } from "./institution.ts";

const words = Buffer.from("All that is gold does not glitter.\n".repeat(30_000));
const noise = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * index * 31 + index) % 256));

test("H150: a second node on the same folder is refused", async (t) => {
  const here = await institution(t);
  const options = {
    folder: join(here.folder, "node"),
    libraryPath: undefined,
    listen: [],
    clamd: undefined,
    deviceName: "second",
    onWarning: () => undefined,
  };
  const second = await startNode(options, loopbackWorld([]));
  assert.equal(second.ok ? "started" : second.error.code, "node.folder_locked");
});

test("H130: a file that changes between its scan and its release stays in quarantine", async (t) => {
  const here = await institution(t);
  const offered = await here.offer("two", { "a.txt": words, "b.bin": noise }, 1_500_000);
  const asked = await here.ask(offered);
  await here.approve(asked);
  const scanned = await here.until(asked, (one) => one.files.some((file) => file.state === "clean"));
  const { core } = here.session();
  const record = core.transfers.files(scanned.id).find((file) => file.state === "clean");
  assert.ok(record);
  const held = core.quarantine.pathOf(record);
  const changed = Buffer.from(readFileSync(held));
  changed[0] = (changed[0] ?? 0) ^ 1;
  writeFileSync(held, changed);
  const failed = await here.until(asked, (one) => one.state === "failed");
  assert.match(failed.why, /changed in quarantine/);
  assert.equal(existsSync(join(here.folder, "node", "library", "two", record.path.join("/"))), false);
});

test("the device's key, the database's folder and what is held can be read by their owner alone", async (t) => {
  const here = await institution(t);
  const offered = await here.offer("slow", { "noise.bin": noise }, 500_000);
  const asked = await here.ask(offered);
  await here.approve(asked);
  const running = await here.until(asked, (one) => one.bytesDone > 0);
  const node = join(here.folder, "node");
  const { core } = here.session();
  const [file] = core.transfers.files(running.id);
  assert.ok(file);
  assert.equal(statSync(join(node, "device.key")).mode & 0o777, 0o600);
  assert.equal(statSync(node).mode & 0o777, 0o700);
  assert.equal(statSync(core.quarantine.pathOf(file)).mode & 0o777, 0o600);
  assert.doesNotMatch(core.quarantine.pathOf(file), /noise/);
});

test("paused drops connections and goes on from there; removed forgets it and gives the grant back", async (t) => {
  const here = await institution(t);
  const offered = await here.offer("slow", { "noise.bin": noise }, 700_000);
  const asked = await here.ask(offered);
  await here.approve(asked);
  const running = await here.until(asked, (one) => one.bytesDone > 0);
  const task = here.session().transfers.find(running.id);
  assert.ok(task);
  task.pause();
  await here.until(asked, (one) => one.state === "paused" && one.peersConnected === 0);
  await here.until(asked, () => here.session().core.engine.torrents().length === 0);
  task.resume();
  await here.until(asked, (one) => one.state === "fetching" && one.bytesDone >= running.bytesDone);
  const { transfers, link, core } = here.session();
  await transfers.remove(task);
  assert.ok((await link.giveBack(running.id, "Removed.")).ok);
  assert.equal(transfers.named(asked.requestId), undefined);
  assert.equal(existsSync(join(core.quarantine.folder, running.id)), false);
  const grant = await here.mia.call("GET", `/api/v1/grants/${running.id}`);
  assert.equal((grant.body as { state: string }).state, "returned");
});

test("a bad verdict after the release takes the file back and stops serving it", async (t) => {
  const here = await institution(t);
  const offered = await here.offer("late", { "words.txt": words });
  const asked = await here.ask(offered);
  await here.approve(asked);
  const done = await here.until(asked, (one) => one.state === "released" && one.seeding);
  const released = join(done.libraryPath ?? "", "words.txt");
  const [file] = here.session().core.transfers.files(done.id);
  assert.ok(file?.sha256 && existsSync(released));
  here.session().transfers.heard({
    type: "verdict",
    sha256: file.sha256,
    piecesRoot: null,
    verdict: "infected",
    fileName: "words.txt",
    why: "A newer scanner knows it.",
    grantId: "G-other",
  });
  const bad = await here.until(asked, (one) => one.state === "infected" && !one.seeding);
  assert.equal(existsSync(released), false);
  assert.match(bad.why, /newer scanner/);
});

test("a grant's end stops serving, and the file stays in the library", async (t) => {
  const here = await institution(t);
  const offered = await here.offer("brief", { "words.txt": words });
  const asked = await here.ask(offered);
  await here.approve(asked);
  const done = await here.until(asked, (one) => one.state === "released" && one.seeding);
  const returned = await here.mia.call("POST", `/api/v1/grants/${done.id}/return`, { body: { reason: "Thank you." } });
  assert.equal(returned.status, 200, returned.text);
  const after = await here.until(asked, (one) => !one.seeding);
  assert.equal(after.state, "released");
  assert.ok(existsSync(join(done.libraryPath ?? "", "words.txt")));
  await here.until(asked, () => here.session().core.engine.torrents().length === 0);
});
