// Real Debian packages, at least 100 MB of them: the tests move what people move.

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";

const TOTAL_BYTES_MIN = 100_000_000;
const FILES_MIN = 4;
const FILE_BYTES_MAX = 90_000_000;
// Packages of the archive that are large and need nothing when they are only fetched.
const FETCHED = ["fonts-noto-cjk", "golang-1.19-go", "fonts-noto-core", "perl-modules-5.36"];

/** Fills the folder with real .deb files: the ones apt keeps, or fetched, or packed again from what is installed. */
export function collectDebs(folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  for (const source of [keptByApt, fetchedByApt, repacked]) {
    const files = source();
    if (files.length >= FILES_MIN && totalBytes(files) >= TOTAL_BYTES_MIN) {
      return files.map((file) => {
        const target = join(folder, basename(file).replaceAll("%3a", "-"));
        copyFileSync(file, target);
        return target;
      });
    }
  }
  throw new Error("this machine has no 100 MB of Debian packages, and the archive cannot be reached");
}

/** Outside the repository, so that a fresh clone does not fetch them again. */
function cacheFolder(): string {
  const folder = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "swarmgate-tests", "debs");
  mkdirSync(folder, { recursive: true });
  return folder;
}

function keptByApt(): string[] {
  return enough(debsIn("/var/cache/apt/archives"));
}

function fetchedByApt(): string[] {
  const folder = cacheFolder();
  if (enough(debsIn(folder)).length === 0) {
    spawnSync("apt-get", ["download", "--quiet", ...FETCHED], { cwd: folder, stdio: "ignore" });
  }
  return enough(debsIn(folder));
}

/** Builds packages again from the installed files of the largest installed packages. */
function repacked(): string[] {
  const folder = join(cacheFolder(), "repacked");
  mkdirSync(folder, { recursive: true });
  const listed = execFileSync("dpkg-query", ["-W", "-f", "${Installed-Size} ${Package}\n"], { encoding: "utf8" });
  const largest = listed
    .split("\n")
    .map((line) => line.split(" "))
    .toSorted((a, b) => Number(b[0]) - Number(a[0]))
    .map((fields) => fields[1] ?? "");
  for (const name of largest.slice(0, 20)) {
    if (enough(debsIn(folder)).length > 0) break;
    repack(name, folder);
  }
  return enough(debsIn(folder));
}

function repack(name: string, folder: string): void {
  const target = join(folder, `${name}_repacked.deb`);
  if (existsSync(target)) return;
  const tree = join(folder, `${name}.tree`);
  mkdirSync(join(tree, "DEBIAN"), { recursive: true });
  const status = execFileSync("dpkg-query", ["-s", name], { encoding: "utf8" });
  writeFileSync(join(tree, "DEBIAN", "control"), status.replace(/^(Status|Conffiles):.*\n(^ .*\n)*/gm, ""));
  const files = execFileSync("dpkg-query", ["-L", name], { encoding: "utf8" });
  for (const file of files.split("\n").filter((path) => existsSync(path) && statSync(path).isFile())) {
    execFileSync("cp", ["--parents", file, tree]);
  }
  // Not compressed: the bytes matter, not their number.
  execFileSync("dpkg-deb", ["--build", "-Znone", tree, target], { stdio: "ignore" });
  rmSync(tree, { recursive: true });
}

function debsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".deb"))
    .map((name) => join(folder, name))
    .toSorted();
}

/** The fewest of the larger files that reach the sum; none when all together do not. */
function enough(files: readonly string[]): string[] {
  const chosen: string[] = [];
  const bySize = files.filter((file) => statSync(file).size <= FILE_BYTES_MAX);
  for (const file of bySize.toSorted((a, b) => statSync(b).size - statSync(a).size)) {
    // The largest would do alone; several of middling size are a better folder.
    if (statSync(file).size > TOTAL_BYTES_MIN / 3) continue;
    chosen.push(file);
    if (chosen.length >= FILES_MIN && totalBytes(chosen) >= TOTAL_BYTES_MIN) return chosen;
  }
  return totalBytes(bySize) >= TOTAL_BYTES_MIN && bySize.length >= FILES_MIN ? bySize : [];
}

function totalBytes(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + statSync(file).size, 0);
}
