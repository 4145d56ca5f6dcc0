// The whole flow with real parts in one process: asked, approved, fetched, held, scanned, released; or not.

import assert from "node:assert/strict";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { present } from "../../src/base/assert.ts";
import { eicarBytes } from "../../src/node/scan/eicar.ts";
import { forgeZip } from "../../src/node/scan/forge.ts";
import { institution } from "./institution.ts";

const words = Buffer.from("All that is gold does not glitter.\n".repeat(30_000));
const noise = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * index * 31 + index) % 256));

test("what was approved is fetched, scanned and released with mode 0640, and nothing before that", async (t) => {
  const here = await institution(t);
  const offered = await here.offer("dataset", {
    "words.txt": words,
    "deep/noise.bin": noise,
    "empty.txt": new Uint8Array(0),
  });
  const asked = await here.ask(offered);
  assert.equal(asked.outcome, "asked");
  assert.match(asked.requestId, /^R-\d+$/);
  assert.equal(asked.transfer, null);
  await new Promise((settle) => setTimeout(settle, 500));
  assert.equal(here.session().core.engine.torrents().length, 0, "no torrent runs before the grant");
  assert.equal(offered.seeder.torrents()[0]?.peers().length, 0, "the seeder saw nobody");

  const [waiting, ...others] = present(await here.session().asking.waiting(), "the portal's answer");
  assert.deepEqual([waiting?.requestId, waiting?.name, waiting?.requestState], [asked.requestId, "dataset", "pending"]);
  assert.equal(waiting?.url, asked.url);
  assert.deepEqual(others, []);
  await here.approve(asked);
  assert.deepEqual(await here.session().asking.waiting(), []);
  const done = await here.until(asked, (transfer) => transfer.state === "released");
  const library = join(here.folder, "node", "library", "dataset");
  assert.equal(done.libraryPath, library);
  assert.deepEqual(readFileSync(join(library, "words.txt")), words);
  assert.deepEqual(readFileSync(join(library, "deep", "noise.bin")), noise);
  assert.equal(readFileSync(join(library, "empty.txt")).length, 0);
  for (const name of ["words.txt", "deep/noise.bin"]) {
    assert.equal(lstatSync(join(library, name)).mode & 0o777, 0o640);
  }
  assert.equal(
    here
      .session()
      .core.transfers.files(done.id)
      .every((file) => file.verdict?.outcome === "clean"),
    true,
  );
  const again = await here.ask(offered);
  assert.equal(again.outcome, "granted");
});

test("an infected file never gets out, and nothing that came with it", async (t) => {
  const here = await institution(t);
  const zip = forgeZip([{ name: "invoice.com", content: eicarBytes() }]);
  const offered = await here.offer("bundle", { "a-readme.txt": words, "z-invoice.zip": zip });
  const asked = await here.ask(offered);
  await here.approve(asked);
  const done = await here.until(asked, (transfer) => transfer.state === "infected");
  assert.match(done.why, /EICAR/);
  assert.equal(
    existsSync(join(here.folder, "node", "library")) && readdirSync(join(here.folder, "node", "library")).length > 0,
    false,
  );
  await here.until(asked, () => here.session().core.engine.torrents().length === 0);
  const held = done.files.find((file) => file.state === "infected");
  assert.equal(held?.path, "z-invoice.zip");
});

test("a file that nobody can look into is held, and its clean neighbours are released", async (t) => {
  const here = await institution(t);
  const sealed = Buffer.concat([Buffer.from("377abcaf271c0004", "hex"), words]);
  const offered = await here.offer("mixed", { "a.txt": words, "b.7z": sealed });
  const asked = await here.ask(offered);
  await here.approve(asked);
  const done = await here.until(asked, (transfer) => transfer.state === "held");
  assert.deepEqual(readdirSync(join(here.folder, "node", "library", "mixed")), ["a.txt"]);
  assert.match(done.why, /not open/);
});

test("a grant revoked in mid-transfer drops every connection within five seconds", async (t) => {
  const here = await institution(t);
  const offered = await here.offer("large", { "noise.bin": noise }, 200_000);
  const asked = await here.ask(offered);
  await here.approve(asked);
  const running = await here.until(asked, (transfer) => transfer.bytesDown > 0 && transfer.peersConnected > 0);
  const revokedMs = performance.now();
  const revoked = await here.ruben.call("POST", `/api/v1/grants/${running.id}/revoke`, {
    body: { reason: "No longer." },
  });
  assert.equal(revoked.status, 200, revoked.text);
  const stopped = await here.until(asked, (transfer) => transfer.state === "stopped");
  while ((offered.seeder.torrents()[0]?.peers().length ?? 0) > 0) await new Promise((settle) => setTimeout(settle, 20));
  assert.ok(performance.now() - revokedMs < 5_000, `took ${performance.now() - revokedMs} ms`);
  assert.match(stopped.why, /revoked: No longer/);
  await here.until(asked, () => here.session().core.engine.torrents().length === 0);
});

test("a node that was stopped in the middle goes on where it was", async (t) => {
  const here = await institution(t);
  const offered = await here.offer("large", { "noise.bin": noise }, 1_500_000);
  const asked = await here.ask(offered);
  await here.approve(asked);
  await here.until(asked, (transfer) => transfer.bytesDone > 0);
  await here.restartNode();
  const done = await here.until(asked, (transfer) => transfer.state === "released");
  assert.deepEqual(readFileSync(join(done.libraryPath ?? "", "noise.bin")), noise);
});

test("the portal sees the transfer, its verdicts and its end", async (t) => {
  const here = await institution(t);
  const offered = await here.offer("seen", { "words.txt": words });
  const asked = await here.ask(offered);
  await here.approve(asked);
  await here.until(asked, (transfer) => transfer.state === "released");
  const begunMs = performance.now();
  for (;;) {
    const { body } = await here.mia.call("GET", `/api/v1/requests/${asked.requestId}`);
    const detail = body as { transferState: string; verdicts: { verdict: string }[] };
    if (detail.transferState === "released" && detail.verdicts.length === 1) {
      assert.equal(detail.verdicts[0]?.verdict, "clean");
      break;
    }
    assert.ok(performance.now() - begunMs < 10_000, JSON.stringify(body));
    await new Promise((settle) => setTimeout(settle, 50));
  }
});
