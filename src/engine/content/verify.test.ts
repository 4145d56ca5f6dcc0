import { deepEqual, equal, fail, ok as truthy } from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { toHex } from "../../base/bytes.ts";
import type { Metainfo, TorrentFormat } from "../../domain/metainfo/metainfo.ts";
import { realDisk } from "../../world/real/disk.ts";
import { realListing } from "../../world/real/listing.ts";
import { realThreads } from "../../world/real/threads.ts";
import { type AuthorOptions, authorTorrent } from "./author.ts";
import { verifyContent } from "./verify.ts";

const HASHING = { threads: 2 };
const WORLD = { disk: realDisk, listing: realListing, threads: realThreads };
const FORMATS: readonly TorrentFormat[] = ["v1", "v2", "hybrid"];

function authorOptions(format: TorrentFormat): AuthorOptions {
  return {
    format,
    pieceLengthBytes: 32_768,
    trackers: [],
    webSeeds: [],
    private: false,
    sslCert: undefined,
    comment: undefined,
  };
}

function content(bytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, n) => (n * seed + (n >> 8)) & 0xff);
}

/** A folder with files that end on, before and behind piece borders. */
function folder(): { root: string; dir: string; [Symbol.dispose](): void } {
  const root = mkdtempSync(join(tmpdir(), "swarmgate-content-"));
  const dir = join(root, "data");
  mkdirSync(join(dir, "sub"), { recursive: true });
  writeFileSync(join(dir, "a"), content(100_000, 3));
  writeFileSync(join(dir, "border"), content(65_536, 5));
  writeFileSync(join(dir, "empty"), "");
  writeFileSync(join(dir, "sub", "small"), content(77, 7));
  return { root, dir, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}

async function authored(dir: string, format: TorrentFormat): Promise<Metainfo> {
  const made = await authorTorrent(dir, authorOptions(format), HASHING, WORLD);
  truthy(made.ok);
  return made.value.torrent;
}

async function statesOf(torrent: Metainfo, dir: string): Promise<string[]> {
  const found = await verifyContent(torrent, dir, HASHING, WORLD);
  return found.files.map((file) => `${file.path} ${file.state}`);
}

test("what was made of a folder verifies there, in all formats, named by the folder or by its parent", async () => {
  using files = folder();
  for (const format of FORMATS) {
    const torrent = await authored(files.dir, format);
    for (const dir of [files.root, files.dir]) {
      const found = await verifyContent(torrent, dir, HASHING, WORLD);
      equal(found.piecesGood, found.piecesTotal);
      truthy(found.files.every((file) => file.state === "good"));
    }
  }
});

test("the same content gives the same torrent", async () => {
  using first = folder();
  using second = folder();
  const [a, b] = [await authored(first.dir, "hybrid"), await authored(second.dir, "hybrid")];
  equal(toHex(a.infoBytes), toHex(b.infoBytes));
});

test("a changed byte makes its file bad, and only that file in v2", async () => {
  using files = folder();
  const torrents = await Promise.all(FORMATS.map((format) => authored(files.dir, format)));
  const changed = content(65_536, 5);
  changed[65_535] = 1 ^ (changed[65_535] ?? 0);
  writeFileSync(join(files.dir, "border"), changed);
  for (const torrent of torrents) {
    const states = await statesOf(torrent, files.dir);
    truthy(states.includes("border bad"));
    if (torrent.format !== "v1")
      deepEqual(
        states.filter((state) => state.endsWith("bad")),
        ["border bad"],
      );
  }
});

test("missing and cut files are told apart", async () => {
  using files = folder();
  const torrent = await authored(files.dir, "hybrid");
  rmSync(join(files.dir, "a"));
  rmSync(join(files.dir, "empty"));
  writeFileSync(join(files.dir, "sub", "small"), content(76, 7));
  deepEqual(await statesOf(torrent, files.root), [
    "a missing",
    "border good",
    "empty missing",
    "sub/small wrong-length",
  ]);
});

test("a torrent without its piece layers is still checked, file by file", async () => {
  using files = folder();
  const torrent = { ...(await authored(files.dir, "v2")), pieceLayers: new Map() };
  truthy((await statesOf(torrent, files.dir)).every((state) => state.endsWith("good")));
  writeFileSync(join(files.dir, "a"), content(100_000, 9));
  deepEqual(
    (await statesOf(torrent, files.dir)).filter((state) => !state.endsWith("good")),
    ["a bad"],
  );
});

test("H44: a link in the content is not followed", async () => {
  using files = folder();
  const torrent = await authored(files.dir, "v1");
  rmSync(join(files.dir, "a"));
  symlinkSync("/etc/passwd", join(files.dir, "a"));
  truthy((await statesOf(torrent, files.dir)).includes("a missing"));
});

test("content of more than a thread's share is hashed by several threads to the same result", async () => {
  using files = folder();
  writeFileSync(join(files.dir, "large"), Buffer.alloc(40 * 1024 * 1024, "0123456789abcdef!"));
  const steps: number[] = [];
  const onProgress = (done: number) => void steps.push(done);
  const threaded = await authorTorrent(files.dir, authorOptions("hybrid"), { threads: 2, onProgress }, WORLD);
  const alone = await authorTorrent(files.dir, authorOptions("hybrid"), { threads: 0 }, WORLD);
  truthy(threaded.ok && alone.ok);
  deepEqual(threaded.value.bytes, alone.value.bytes);
  deepEqual(
    steps,
    steps.toSorted((a, b) => a - b),
  );
});

test("pieces too small for so much content are refused before anything is read, with the length that would do", async () => {
  using place = folder();
  truncateSync(join(place.dir, "a"), 40 * 1024 ** 3);
  const disk = { ...realDisk, open: () => fail("nothing is to be read") };
  for (const [format, least] of [
    ["v1", "128K"],
    ["v2", "256K"],
    ["hybrid", "256K"],
  ] as const) {
    const made = await authorTorrent(place.dir, authorOptions(format), { threads: 0 }, { ...WORLD, disk });
    equal(!made.ok && made.error.code, "metainfo.pieces_too_small");
    equal(!made.ok && made.error.data["least"], least, format);
  }
});

test("a piece length that no torrent can have is refused, not reckoned with", async () => {
  using place = folder();
  for (const pieceLengthBytes of [0, -1, 2 ** 40]) {
    const made = await authorTorrent(place.dir, { ...authorOptions("hybrid"), pieceLengthBytes }, HASHING, WORLD);
    equal(made.ok ? "made" : made.error.code, "metainfo.piece_length_invalid", String(pieceLengthBytes));
  }
});

test("a folder with a link, a hidden file or nothing at all is refused", async () => {
  using files = folder();
  const refusal = async (path: string) => {
    const made = await authorTorrent(path, authorOptions("hybrid"), HASHING, WORLD);
    return made.ok ? "made" : made.error.code;
  };
  equal(await refusal(join(files.root, "nothing")), "cli.file_missing");
  equal(await refusal(join(files.dir, "empty")), "metainfo.files_missing");
  symlinkSync("a", join(files.dir, "link"));
  equal(await refusal(files.dir), "metainfo.source_special");
  rmSync(join(files.dir, "link"));
  writeFileSync(join(files.dir, ".hidden"), "x");
  equal(await refusal(files.dir), "metainfo.path_hidden");
});
