// Torrents made here mean the same to libtorrent, and theirs the same here: hashes, files, and every piece of the content.

import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { TorrentSummary } from "../../src/wire/api/v1/torrent.ts";
import { writeFiles } from "../lab/content.ts";
import { missing } from "../lab/requirements.ts";

const SWARMGATE = join(import.meta.dirname, "..", "..", "bin", "swarmgate");
const FORMATS = ["v1", "v2", "hybrid"] as const;
const PIECE = 32_768;

// Sizes on, below and above borders of pieces and blocks; names whose order differs between bytes and whole paths.
const SIZES: Readonly<Record<string, number>> = {
  "tree/Z": 1,
  "tree/dir/z": PIECE,
  "tree/dir.x": PIECE * 3 + 17,
  "tree/dir/sub/block": 16_384,
  "tree/empty": 0,
  "tree/ä ö.txt": 100_000,
  "tree/zz-last": PIECE * 2 - 1,
};

function workspace(): { readonly dir: string; [Symbol.dispose](): void } {
  const dir = mkdtempSync(join(tmpdir(), "swarmgate-torrents-"));
  writeFiles(dir, { ...SIZES, "single.bin": 200_000, "tiny.bin": 5 });
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true }) };
}

type Ran = { readonly exit: number | null; readonly json: Record<string, unknown>; readonly stderr: string };

function swarmgate(...args: string[]): Ran {
  const ran = spawnSync(SWARMGATE, [...args, "--json"], { encoding: "utf8" });
  return { exit: ran.status, json: JSON.parse(ran.stdout || "{}") as Record<string, unknown>, stderr: ran.stderr };
}

function libtorrent(command: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const script = join(import.meta.dirname, "libtorrent-files.py");
  const ran = spawnSync("/usr/bin/python3", [script, JSON.stringify(command)], { encoding: "utf8" });
  equal(ran.status, 0, ran.stderr);
  return JSON.parse(ran.stdout) as Record<string, unknown>;
}

function created(dir: string, source: string, format: string, ...more: string[]): TorrentSummary & { file: string } {
  const file = join(dir, `${source}-${format}.torrent`);
  const ran = swarmgate("torrent", "create", join(dir, source), "-o", file, "--format", format, ...more);
  equal(ran.exit, 0, JSON.stringify(ran.json));
  return ran.json as TorrentSummary & { file: string };
}

describe("torrents made by us", { skip: missing("python3-libtorrent") }, () => {
  for (const format of FORMATS) {
    for (const source of ["tree", "single.bin", "tiny.bin"]) {
      test(`a ${format} torrent of ${source} has the same hashes and files in libtorrent, and verifies there`, () => {
        using work = workspace();
        const made = created(work.dir, source, format, "--piece-length", `${PIECE}`);
        const read = libtorrent({ do: "show", file: made.file });
        deepEqual([made.infoHashV1, made.infoHashV2], [read["v1"], read["v2"]]);
        const prefix = source === "tree" ? "tree/" : "";
        deepEqual(
          read["files"],
          made.files.map((file) => [`${prefix}${file.path}`, file.bytes]),
        );
        const checked = libtorrent({ do: "check", file: made.file, dir: work.dir });
        equal(checked["error"], undefined);
        equal(checked["good"], checked["pieces"]);
      });

      test(`a ${format} torrent of ${source} is byte for byte what libtorrent would hash`, () => {
        using work = workspace();
        const made = created(work.dir, source, format, "--piece-length", `${PIECE}`);
        const output = join(work.dir, "theirs.torrent");
        const theirs = libtorrent({ do: "create", path: join(work.dir, source), format, pieceBytes: PIECE, output });
        deepEqual([made.infoHashV1, made.infoHashV2], [theirs["v1"], theirs["v2"]]);
      });
    }
  }
});

describe("what surrounds the content", () => {
  test("trackers, web seeds, privacy and the root certificate arrive in libtorrent", {
    skip: missing("openssl", "python3-libtorrent"),
  }, () => {
    using work = workspace();
    const pem = join(work.dir, "root.pem");
    const key = join(work.dir, "root.key");
    const args = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-subj",
      "/CN=root",
    ];
    spawnSync("openssl", [...args, "-keyout", key, "-out", pem, "-days", "2"]);
    const urls = [
      "--tracker",
      "http://a.example/announce",
      "--tracker",
      "udp://b.example:80",
      "--web-seed",
      "https://w.example/",
    ];
    const made = created(work.dir, "tree", "hybrid", "--private", "--ssl-cert", pem, ...urls);
    const read = libtorrent({ do: "show", file: made.file });
    deepEqual(read["trackers"], ["http://a.example/announce", "udp://b.example:80"]);
    deepEqual([read["webSeeds"], read["private"], read["sslCert"]], [["https://w.example/"], true, true]);
    equal(made.sslCert, readFileSync(pem, "latin1"));
  });
});

describe("torrents made by others", () => {
  for (const format of FORMATS) {
    test(`a ${format} torrent by libtorrent has the same hashes here, and its content verifies`, {
      skip: missing("python3-libtorrent"),
    }, () => {
      using work = workspace();
      const output = join(work.dir, "theirs.torrent");
      const theirs = libtorrent({ do: "create", path: join(work.dir, "tree"), format, pieceBytes: PIECE, output });
      const shown = swarmgate("torrent", "show", output);
      deepEqual([shown.json["infoHashV1"], shown.json["infoHashV2"]], [theirs["v1"], theirs["v2"]]);
      const verified = swarmgate("torrent", "verify", output, work.dir);
      deepEqual([verified.exit, verified.json["ok"]], [0, true]);
    });
  }

  for (const [program, args] of [
    ["mktorrent", ["-l", "15", "-a", "http://t.example/a", "-o", "theirs.torrent", "tree"]],
    ["transmission-create", ["-s", "32", "-t", "http://t.example/a", "-o", "theirs.torrent", "tree"]],
  ] as const) {
    test(`a torrent by ${program} is read, and its content verifies`, { skip: missing(program) }, () => {
      using work = workspace();
      const ran = spawnSync(program, args, { cwd: work.dir, encoding: "utf8" });
      equal(ran.status, 0, ran.stderr);
      const output = join(work.dir, "theirs.torrent");
      const verified = swarmgate("torrent", "verify", output, work.dir);
      deepEqual([verified.exit, verified.json["ok"]], [0, true], JSON.stringify(verified.json));
      if (missing("python3-libtorrent") !== false) return;
      equal(swarmgate("torrent", "show", output).json["infoHashV1"], libtorrent({ do: "show", file: output })["v1"]);
    });
  }
});

describe("exit codes", () => {
  test("0 for good content, 1 for wrong content, 4 for missing files, 2 for wrong usage, 5 for an unsafe torrent", () => {
    using work = workspace();
    const { file } = created(work.dir, "tree", "hybrid");
    const verify = () => swarmgate("torrent", "verify", file, work.dir);
    equal(verify().exit, 0);
    writeFileSync(join(work.dir, "tree", "Z"), "?");
    const wrong = verify();
    deepEqual([wrong.exit, wrong.json["ok"]], [1, false]);
    rmSync(join(work.dir, "tree", "Z"));
    equal(verify().exit, 4);
    equal(swarmgate("torrent", "show", join(work.dir, "nothing.torrent")).exit, 4);
    equal(swarmgate("torrent", "create", join(work.dir, "tree"), "--format", "v3").exit, 2);
    equal(swarmgate("torrent", "create").exit, 2);
    equal(swarmgate("torrent", "show", "magnet:?dn=x").exit, 2);
    const broken = join(work.dir, "broken.torrent");
    writeFileSync(broken, "d4:infod6:lengthi5e4:name2:..12:piece lengthi16384e6:pieces20:xxxxxxxxxxxxxxxxxxxxee");
    const unsafe = swarmgate("torrent", "show", broken);
    equal(unsafe.exit, 5);
    equal((unsafe.json["error"] as { code: string }).code, "metainfo.path_bad_name");
  });

  test("a torrent is never written over another kind of file", () => {
    using work = workspace();
    const ran = swarmgate("torrent", "create", join(work.dir, "tree"), "-o", join(work.dir, "tiny.bin"));
    equal(ran.exit, 2);
    equal(readFileSync(join(work.dir, "tiny.bin")).length, 5);
  });

  test("where a torrent cannot be written is said, and nothing is left there", () => {
    using work = workspace();
    const ran = swarmgate("torrent", "create", join(work.dir, "tiny.bin"), "-o", join(work.dir, "nowhere/x.torrent"));
    equal(ran.exit, 1);
    deepEqual(ran.json["error"], {
      code: "cli.output_failed",
      message: `${join(work.dir, "nowhere/x.torrent")} could not be written: there is no such folder.`,
      next: "Choose another place with -o, or see that its folder is there and may be written to.",
      data: { path: join(work.dir, "nowhere/x.torrent"), why: "there is no such folder" },
    });
  });

  test("an executable file is content like any other", () => {
    using work = workspace();
    const before = created(work.dir, "tree", "hybrid");
    chmodSync(join(work.dir, "tree", "Z"), 0o755);
    equal(created(work.dir, "tree", "hybrid").infoHashV2, before.infoHashV2);
    truthy(before.files.length === 7);
  });
});
