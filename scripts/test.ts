// `npm test`: installs what the tests need when it may, builds the command and the pages, runs every check and every
// whole-process test.

import { runAtOnce } from "./at-once.ts";
import { buildCommand } from "./build-command.ts";
import { buildUiWhenStale } from "./build-ui.ts";
import { runChecks } from "./checks.ts";
import { installPackages } from "./packages.ts";
import { filesMatching } from "./repository.ts";
import { Room } from "./room.ts";
import { Tally } from "./tally.ts";
import { checkFile } from "./test-run.ts";

const WHOLE_PROCESS_LIMIT_SECONDS = 600;
/** What takes longest, longest first, so that nothing long is left to run alone at the end. */
const BEGUN_FIRST = [
  "gate/rules",
  "durability/kill",
  "interop/clients",
  "interop/ssl-torrents",
  "gate/clients",
  "story/story",
  "interop/discovery",
  "gate/enforce",
];
/** Real clients wait for their timers most of the time: then there is room for others. More than six find none on two cores. */
const AT_LEAST = 2;
const AT_MOST = 6;

const tally = new Tally();
await installPackages();
tally.addStep("build of the command (rolldown)", await buildCommand());
tally.addStep("build of the pages (vite)", await buildUiWhenStale());
await runChecks(tally);
const room = new Room();
await runAtOnce(wholeProcessFiles(), (file) => checkFile(file, tally, WHOLE_PROCESS_LIMIT_SECONDS), {
  atLeast: AT_LEAST,
  atMost: AT_MOST,
  hasRoom: () => room.isThere(),
});
if (process.env["CI"] === "true") tally.refuseSkips();
process.stdout.write(`\n${tally.slowest()}\n\n${tally.report()}\n`);
process.exitCode = tally.failures.length > 0 ? 1 : 0;

function wholeProcessFiles(): string[] {
  const files = filesMatching("tests/**/*.test.ts").filter((file) => !file.startsWith("tests/house/"));
  const first = BEGUN_FIRST.map((name) => `tests/${name}.test.ts`);
  return [...first, ...files.filter((file) => !first.includes(file))];
}
