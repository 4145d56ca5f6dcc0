import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { OpenRequest } from "../disk.ts";
import { realDisk } from "./disk.ts";

const base = mkdtempSync(join(tmpdir(), "swarmgate-disk-"));
after(() => rmSync(base, { recursive: true, force: true }));

/** A download folder, and something outside that nobody may touch. */
function scene(name: string) {
  const rootDir = join(base, name, "root");
  const outside = join(base, name, "outside");
  mkdirSync(rootDir, { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(outside, "precious"), "precious");
  const request = (path: string[], access: "read" | "write" = "write"): OpenRequest => ({
    rootDir,
    path,
    access,
    modeBits: 0o777,
  });
  const untouched = () =>
    deepEqual(
      [readdirSync(outside), readFileSync(join(outside, "precious"), "utf8")],
      [["precious"], "precious"],
      "nothing outside changed",
    );
  return { rootDir, outside, request, untouched };
}

function codeOf(result: ReturnType<typeof realDisk.open>): string {
  if (result.ok) result.value.close();
  return result.ok ? "opened" : result.error.code;
}

test("H41: a new file is never executable, whatever mode was asked for", () => {
  const { rootDir, request } = scene("mode");
  equal(codeOf(realDisk.open(request(["a", "tool"]))), "opened");
  equal(statSync(join(rootDir, "a/tool")).mode & 0o111, 0);
});

test("H44: a symlink planted as the file or as a folder on the way is not followed, to read or to write", () => {
  const { rootDir, outside, request, untouched } = scene("planted");
  symlinkSync(join(outside, "precious"), join(rootDir, "file"));
  symlinkSync(outside, join(rootDir, "folder"));
  symlinkSync("../outside", join(rootDir, "relative"));
  symlinkSync(join(outside, "new"), join(rootDir, "dangling"));
  for (const access of ["read", "write"] as const) {
    for (const path of [["file"], ["folder", "precious"], ["relative", "precious"], ["dangling"], ["folder", "new"]]) {
      equal(codeOf(realDisk.open(request(path, access))), "engine.path_unsafe", `${access} ${path.join("/")}`);
    }
  }
  untouched();
});

test("a hard link to a file elsewhere, a folder and a FIFO are refused as the file to write", () => {
  const { rootDir, outside, request, untouched } = scene("other-kinds");
  linkSync(join(outside, "precious"), join(rootDir, "linked"));
  mkdirSync(join(rootDir, "folder"));
  execFileSync("mkfifo", [join(rootDir, "fifo")]);
  for (const name of ["linked", "folder", "fifo"]) {
    equal(codeOf(realDisk.open(request([name]))), "engine.path_unsafe", name);
  }
  untouched();
});

test("a path with .., a separator or nothing in any place is refused", () => {
  const { request, untouched } = scene("names");
  for (const path of [
    ["..", "outside", "precious"],
    ["a", "..", "b"],
    [".."],
    ["a/../../outside/precious"],
    [""],
    [],
  ]) {
    equal(codeOf(realDisk.open(request(path))), "engine.path_unsafe", path.join("|"));
  }
  untouched();
});

// The exchange is atomic, so that at every moment either the folder or the trap has the name.
const EXCHANGE = `import ctypes,sys,time
c=ctypes.CDLL(None); a,b=[p.encode() for p in sys.argv[1:3]]; end=time.time()+1.5
while time.time()<end:
    for _ in range(100): c.renameat2(-100,a,-100,b,2)`;

test("H45: a folder swapped for a symlink again and again never leads outside", {
  skip: existsSync("/usr/bin/python3") ? false : "python3 is missing",
}, async () => {
  const { rootDir, outside, request, untouched } = scene("swapped");
  mkdirSync(join(rootDir, "folder"));
  symlinkSync(outside, join(rootDir, "trap"));
  const swapper = spawn("/usr/bin/python3", ["-c", EXCHANGE, join(rootDir, "folder"), join(rootDir, "trap")]);
  const seen = new Map<string, number>();
  while (swapper.exitCode === null) {
    for (let n = 0; n < 200; n++) {
      const opened = realDisk.open(request(["folder", "precious"]));
      if (opened.ok) {
        opened.value.write([Buffer.from("overwritten")], 0);
        opened.value.close();
      }
      const code = opened.ok ? "opened" : opened.error.code;
      seen.set(code, (seen.get(code) ?? 0) + 1);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  untouched();
  deepEqual([...seen.keys()].toSorted(), ["engine.path_unsafe", "opened"], "both were met, and nothing else");
});

test("a record is replaced whole: the old one or the new one is there, and no temporary file stays", () => {
  const { rootDir } = scene("record");
  const path = join(rootDir, "deep", "record");
  truthy(realDisk.replace(path, Buffer.from("one")).ok);
  truthy(realDisk.replace(path, Buffer.from("two")).ok);
  equal(readFileSync(path, "utf8"), "two");
  deepEqual(readdirSync(join(rootDir, "deep")), ["record"]);
  const large = realDisk.readWhole(path, 2);
  equal(large.ok, false);
});

test("an open file stays the file that was opened, when another takes its name", () => {
  const { rootDir, request } = scene("renamed");
  const file = realDisk.open(request(["a"]));
  truthy(file.ok);
  renameSync(join(rootDir, "a"), join(rootDir, "b"));
  writeFileSync(join(rootDir, "a"), "other");
  truthy(file.value.write([Buffer.from("mine")], 0).ok);
  file.value.close();
  equal(readFileSync(join(rootDir, "a"), "utf8"), "other");
  equal(readFileSync(join(rootDir, "b"), "utf8"), "mine");
});

test("a download folder in a place where none can be made is refused, and not tried for ever", {
  skip: process.platform !== "linux" && "needs /proc",
}, () => {
  const opened = realDisk.open({ rootDir: "/proc/swarmgate/data", path: ["file"], access: "write", modeBits: 0o644 });
  equal(codeOf(opened), "engine.disk_failed");
  equal(realDisk.replace("/proc/swarmgate/record", new Uint8Array(1)).ok, false);
});
