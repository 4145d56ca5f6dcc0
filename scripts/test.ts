// `npm test`: installs what the tests need when it may, builds the command and the pages, runs every check and every whole-process test.

import { buildCommand } from "./build-command.ts";
import { buildUiWhenStale } from "./build-ui.ts";
import { runChecks } from "./checks.ts";
import { installPackages } from "./packages.ts";
import { filesMatching } from "./repository.ts";
import { Tally } from "./tally.ts";
import { runTestFiles } from "./test-run.ts";

const WHOLE_PROCESS_LIMIT_SECONDS = 600;
/** Files that mostly wait: for the timers of real clients, and for transfers held slow enough to be killed. */
const MOSTLY_WAITS = /^tests\/(?:interop|durability|story)\//;

const tally = new Tally();
await installPackages();
tally.addStep("build of the command (rolldown)", await buildCommand());
tally.addStep("build of the pages (vite)", await buildUiWhenStale());
await runChecks(tally);
const wholeProcess = filesMatching("tests/**/*.test.ts").filter((file) => !file.startsWith("tests/house/"));
// Whole programs, real clients, a browser: beside one file that waits there is room for one that works.
await Promise.all(
  [true, false].map((waits) =>
    runTestFiles(
      wholeProcess.filter((file) => MOSTLY_WAITS.test(file) === waits),
      tally,
      { concurrency: 1, limitSeconds: () => WHOLE_PROCESS_LIMIT_SECONDS },
    ),
  ),
);
if (process.env["CI"] === "true") tally.refuseSkips();
process.stdout.write(`\n${tally.report()}\n`);
process.exitCode = tally.failures.length > 0 ? 1 : 0;
