// Builds the command into dist/: a few files of plain JavaScript in place of the two hundred modules that Node would
// otherwise find, strip and link at each start. `bin/swarmgate` takes them when no source is newer.

import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { rolldown } from "rolldown";
import { repositoryRoot } from "./repository.ts";

const ENTRIES: Readonly<Record<string, string>> = {
  main: "src/cli/main.ts",
  "disk-thread": "src/engine/storage/disk-thread.ts",
  "digest-thread": "src/engine/content/digest-thread.ts",
  "scan-worker": "src/node/scan/worker.ts",
};
/** What nearly every command loads; all other packages stay where npm put them. */
const INLINED = ["commander", "ipaddr.js"];

/** Undefined when it was built, else why not. */
export async function buildCommand(built = join(repositoryRoot, "dist")): Promise<string | undefined> {
  const building = `${built}-${process.pid}.tmp`;
  try {
    const bundle = await rolldown({
      input: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, join(repositoryRoot, file)])),
      platform: "node",
      external: (id) => /^[a-z@]/u.test(id) && !INLINED.includes(id),
      plugins: [{ name: "own-places", transform: (code, id) => withOwnPlaces(code, id, built) }],
      onLog: (_level, log) => {
        throw new Error(log.message);
      },
    });
    // CommonJS is linked as it is read: it starts a tenth faster than modules, and built-in ones keep their lazy parts.
    const format = { format: "cjs", entryFileNames: "[name].cjs", chunkFileNames: "[name]-[hash].cjs" } as const;
    await bundle.write({ dir: building, ...format });
    replaceFolder(built, building);
    return undefined;
  } catch (thrown) {
    rmSync(building, { recursive: true, force: true });
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

// What runs out of the folder meanwhile misses its files for no longer than two renames take.
function replaceFolder(folder: string, by: string): void {
  const before = `${by}.before`;
  if (existsSync(folder)) renameSync(folder, before);
  renameSync(by, folder);
  rmSync(before, { recursive: true, force: true });
}

// A thread's file is one of the entries; whatever else a source names beside itself stays beside the source.
function withOwnPlaces(code: string, id: string, built: string): string {
  const folder = dirname(id);
  const fromBuilt = relative(built, folder);
  return code
    .replaceAll(/new URL\("\.\/([^"]+)", import\.meta\.url\)/gu, (_all, path: string) => {
      const source = relative(repositoryRoot, join(folder, path));
      const entry = Object.entries(ENTRIES).find(([, file]) => file === source);
      return `new URL("./${entry === undefined ? join(fromBuilt, path) : `${entry[0]}.cjs`}", import.meta.url)`;
    })
    .replaceAll("import.meta.dirname", `(import.meta.dirname + ${JSON.stringify(`/${fromBuilt}`)})`);
}

if (import.meta.main) {
  const trouble = await buildCommand();
  if (trouble !== undefined) {
    process.stderr.write(`The command could not be built, and will run from its sources: ${trouble}\n`);
    process.exitCode = 1;
  }
}
