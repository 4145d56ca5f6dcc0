import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { failure } from "../../base/failure.ts";
import { err, ok } from "../../base/result.ts";
import { realDisk } from "../../world/real/disk.ts";
import { SimClock } from "../../world/sim/clock.ts";
import { SimDisk } from "../../world/sim/disk.ts";
import { add, contentOn, eventsOf, fill, PORT, sampleTorrent, TestWorld } from "../engine-under-test.ts";
import type { StoreSpec } from "./job.ts";
import { Mover } from "./mover.ts";

const SEED = "10.0.0.1";
const LEECHER = "10.0.0.2";
const NEW = "/elsewhere";
const moved = () => ok();

/** A seed and a leecher that has some pieces of it. */
async function halfway() {
  const world = new TestWorld(1, 200_000);
  const sample = sampleTorrent({ bytes: 2_000_000 });
  fill(world.disk(SEED), sample);
  add(await world.engine(SEED), sample);
  const engine = await world.engine(LEECHER);
  const torrent = add(engine, sample, { peers: [{ host: SEED, port: PORT }] });
  truthy(await world.until(() => torrent.status().piecesDone > 10));
  const disk = world.disk(LEECHER);
  const move = async (wish: Parameters<typeof torrent.moveStorage>[0]) => {
    const moving = torrent.moveStorage(wish);
    await world.clock.advance(100);
    return moving;
  };
  return { world, sample, engine, torrent, disk, move };
}

test("a download moves in the middle, goes on by itself, and fetches nothing twice", async () => {
  const { world, sample, torrent, disk, move } = await halfway();
  deepEqual(await move({ rootDir: NEW, moved }), ok());
  equal(contentOn(disk), undefined, "the old file is gone");
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  deepEqual(disk.contentOf(`${NEW}/content.bin`)?.now, sample.bytes);
  const { bytesDown, bytesWasted } = torrent.status();
  truthy(bytesDown - bytesWasted <= sample.bytes.length, `${bytesDown} arrived`);
});

test("what was verified before a move is believed after a restart in the new place, without reading it", async () => {
  const { world, sample, engine, torrent, disk, move } = await halfway();
  deepEqual(await move({ rootDir: NEW, moved }), ok());
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  await engine.close();
  disk.break("read", "disk_failed");
  const again = eventsOf(add(await world.engine("10.0.0.3"), sample, { storage: { rootDir: NEW } }));
  equal(again.length, 0, "another machine knows nothing of it");
  disk.repair();
  const resumed = add(await world.engine(LEECHER, { listen: [] }), sample, { storage: { rootDir: NEW } });
  truthy(await world.until(() => resumed.status().state.at === "seeding", 5_000));
});

test("a disk that fills up in the middle leaves the old place valid and the new one empty, and the torrent goes on", async () => {
  const { world, sample, torrent, disk, move } = await halfway();
  disk.break("write", "disk_full");
  const outcome = await move({ rootDir: NEW, moved });
  equal(outcome.ok ? "moved" : outcome.error.code, "engine.disk_full");
  deepEqual(
    disk.paths().filter((path) => path.startsWith(NEW)),
    [],
  );
  disk.repair();
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  deepEqual(contentOn(disk), sample.bytes);
});

test("a file that lies in the new place is not touched, and the move is refused", async () => {
  const { torrent, disk, move } = await halfway();
  truthy(disk.replace(`${NEW}/content.bin`, Buffer.from("somebody else's")).ok);
  const outcome = await move({ rootDir: NEW, moved });
  equal(outcome.ok ? "moved" : outcome.error.code, "engine.move_refused");
  equal(Buffer.from(disk.contentOf(`${NEW}/content.bin`)?.now ?? []).toString(), "somebody else's");
  truthy(torrent.status().state.at !== "paused");
});

test("when the new place cannot be written down the old one stays, and nothing is left in the new", async () => {
  const { world, sample, torrent, disk, move } = await halfway();
  const outcome = await move({ rootDir: NEW, moved: () => err(failure("engine.disk_full", { file: "a list" })) });
  equal(outcome.ok ? "moved" : outcome.error.code, "engine.disk_full");
  deepEqual(
    disk.paths().filter((path) => path.startsWith(NEW)),
    [],
  );
  truthy(await world.until(() => torrent.status().state.at === "seeding"));
  deepEqual(contentOn(disk), sample.bytes);
});

test("a torrent that was paused stays so, a second move at once is refused, and a closed one stays where it is", async () => {
  const { world, engine, torrent, disk, move } = await halfway();
  torrent.pause();
  const [first, second] = [torrent.moveStorage({ rootDir: NEW, moved }), await move({ rootDir: "/third", moved })];
  deepEqual(await first, ok());
  equal(second.ok ? "moved" : second.error.code, "engine.move_refused");
  equal(torrent.status().state.at, "paused");
  const third = torrent.moveStorage({ rootDir: "/third", moved });
  const closing = engine.close();
  await world.clock.advance(5_000);
  await closing;
  equal((await third).ok, false);
  truthy(disk.contentOf(`${NEW}/content.bin`) !== undefined);
  deepEqual(
    disk.paths().filter((path) => path.startsWith("/third")),
    [],
  );
});

function specOf(rootDir: string, sizes: readonly number[]): StoreSpec {
  const files = sizes.map((bytes, n) => ({ path: [`${n}`], bytes, offsetBytes: 0, pad: false }));
  const layout = { format: "v1", pieceLengthBytes: 16_384, spanBytes: 0, files } as unknown as StoreSpec["layout"];
  return { rootDir, modeBits: 0o640, layout, paths: sizes.map((_, n) => ["sub", `${n}.bin`]), journal: undefined };
}

test("a disk that gives no file its name leaves nothing in the new place", () => {
  const sizes = [100, 200, 300];
  const disk = new SimDisk(new SimClock());
  for (const [n, bytes] of sizes.entries()) disk.replace(`/old/sub/${n}.bin`, new Uint8Array(bytes));
  const mover = new Mover(disk, specOf("/old", sizes), "/new");
  disk.break("rename", "disk_failed");
  let stepped = mover.step();
  while (stepped.ok && !stepped.value) stepped = mover.step();
  equal(stepped.ok ? "moved" : stepped.error.code, "engine.disk_failed");
  mover.undo();
  deepEqual(
    disk.paths().filter((path) => path.startsWith("/new")),
    [],
  );
});

test("after a power cut at any step the old files are whole, and the move can be made again", () => {
  const sizes = [100, 5_000_000, 0];
  for (let stepsDone = 0; stepsDone < 10; stepsDone++) {
    const disk = new SimDisk(new SimClock());
    for (const [n, bytes] of sizes.entries()) {
      disk.replace(`/old/sub/${n}.bin`, new Uint8Array(bytes).fill(n + 1));
    }
    const mover = new Mover(disk, specOf("/old", sizes), "/new");
    let isThere = false;
    for (let step = 0; step < stepsDone && !isThere; step++) {
      const stepped = mover.step();
      truthy(stepped.ok);
      isThere = stepped.value;
    }
    disk.powerCut();
    for (const [n, bytes] of sizes.entries()) {
      if (bytes > 0) deepEqual(disk.contentOf(`/old/sub/${n}.bin`)?.now, new Uint8Array(bytes).fill(n + 1));
    }
    if (isThere) continue;
    const again = new Mover(disk, specOf("/old", sizes), "/new");
    let last = again.step();
    while (last.ok && !last.value) last = again.step();
    truthy(last.ok);
    truthy(again.removeOld().ok);
    deepEqual(disk.contentOf("/new/sub/1.bin")?.now, new Uint8Array(5_000_000).fill(2));
    equal(
      disk.paths().some((path) => path.startsWith("/old/sub/1")),
      false,
    );
  }
});

test("on the machine: files move to another file system with their holes, and leave no empty folders", (context) => {
  const [from, to] = [tmpdir(), "/dev/shm"].map((folder) => mkdtempSync(join(folder, "swarmgate-move-")));
  context.after(() => [from, to].map((folder) => rmSync(folder ?? "", { recursive: true, force: true })));
  const [old, now] = [join(from ?? "", "old"), join(to ?? "", "new")];
  mkdirSync(join(old, "sub"), { recursive: true });
  writeFileSync(join(old, "sub", "0.bin"), "small");
  writeFileSync(join(old, "sub", "1.bin"), Buffer.alloc(16 * 1024 * 1024));
  const mover = new Mover(realDisk, specOf(old, [5, 16 * 1024 * 1024, 7]), now);
  let last = mover.step();
  while (last.ok && !last.value) last = mover.step();
  truthy(last.ok);
  truthy(mover.removeOld().ok);
  equal(readFileSync(join(now, "sub", "0.bin"), "utf8"), "small");
  deepEqual(readdirSync(join(now, "sub")), ["0.bin", "1.bin"], "what was never begun is not there");
  equal(statSync(join(now, "sub", "0.bin")).mode & 0o777, 0o640);
  truthy(statSync(join(now, "sub", "1.bin")).blocks < 100, "a hole takes no room");
  equal(existsSync(join(old, "sub")), false);
});
