// Torrents made by us are the torrents that libtorrent makes: the same identities, piece for piece, both ways.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { completed } from "../lab/clients/client.ts";
import { Libtorrent } from "../lab/clients/libtorrent.ts";
import { writeFiles } from "../lab/content.ts";
import { missing } from "../lab/requirements.ts";
import { SWARMGATE } from "../lab/swarmgate.ts";

type Shown = {
  readonly infoHashV1: string | null;
  readonly infoHashV2: string | null;
  readonly name: string;
  readonly totalBytes: number;
};

const PIECE_BYTES = 32_768;
// Sizes on, below and above the borders of blocks and pieces, and names that sort differently by case.
const FILES = {
  "files/empty": 0,
  "files/one-byte": 1,
  "files/one-block": 16_384,
  "files/one-piece": PIECE_BYTES,
  "files/over": PIECE_BYTES + 1,
  "files/many": 20 * PIECE_BYTES - 7,
  "files/Upper/case": 300_000,
  "files/deep/er/still": 100_001,
};

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "swarmgate-torrents-"));
  writeFiles(folder, FILES);
});
after(() => rmSync(folder, { recursive: true, force: true }));

function swarmgate(...args: string[]): string {
  return execFileSync(SWARMGATE, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

function shown(file: string): Shown {
  return JSON.parse(swarmgate("torrent", "show", file, "--json")) as Shown;
}

describe("torrents of the same files", { skip: missing("python3-libtorrent") }, () => {
  for (const format of ["v1", "v2", "hybrid"] as const) {
    test(`${format}: libtorrent finds our files complete under ours, and reads the identities that we read`, async () => {
      const ours = join(folder, `ours-${format}.torrent`);
      swarmgate("torrent", "create", join(folder, "files"), "--output", ours, "--format", format, "--json");
      using libtorrent = await Libtorrent.maker();
      const transfer = await libtorrent.add({ file: ours }, folder);
      await completed(libtorrent, transfer);
      const { infoHashV1, infoHashV2 } = await transfer.status();
      const own = shown(ours);
      assert.deepEqual({ infoHashV1, infoHashV2 }, { infoHashV1: own.infoHashV1, infoHashV2: own.infoHashV2 });
    });

    test(`${format}: we find the files complete under libtorrent's, and read the identities that it made`, async () => {
      using libtorrent = await Libtorrent.maker();
      const theirs = join(folder, `theirs-${format}.torrent`);
      const created = await libtorrent.create({
        path: join(folder, "files"),
        output: theirs,
        format,
        pieceBytes: PIECE_BYTES,
      });
      const own = shown(theirs);
      assert.equal(own.infoHashV1, created.infoHashV1);
      assert.equal(own.infoHashV2, created.infoHashV2);
      swarmgate("torrent", "verify", theirs, folder, "--json");
    });
  }
});

test("a v1 torrent of mktorrent is read and verified", { skip: missing("mktorrent") }, () => {
  const file = join(folder, "mktorrent.torrent");
  execFileSync("mktorrent", ["-l", "15", "-o", file, join(folder, "files")], { stdio: "pipe" });
  assert.equal(shown(file).name, "files");
  swarmgate("torrent", "verify", file, folder, "--json");
});
