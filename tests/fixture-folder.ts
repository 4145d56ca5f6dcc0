// Where the fixtures of others lie: beside the repository, never inside it.

import { existsSync } from "node:fs";
import { join } from "node:path";

const beside = join(import.meta.dirname, "..", "..", "shared");
const named = process.env["SWARMGATE_SHARED"];

/** The folder of shared fixtures; undefined on a machine that has none. */
const sharedDir: string | undefined = [beside, named].find((dir) => dir !== undefined && existsSync(dir));

/** For `test(name, { skip: sharedMissing }, …)`. */
export const sharedMissing: string | false = sharedDir ? false : "the shared fixtures are not on this machine";

export function sharedPath(...segments: string[]): string {
  return join(sharedDir ?? beside, ...segments);
}
