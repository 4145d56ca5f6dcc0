// `npm run check`: everything that needs no other program than the project's own.

import { runChecks } from "./checks.ts";
import { Tally } from "./tally.ts";

const tally = new Tally();
await runChecks(tally);
process.stdout.write(`\n${tally.slowest()}\n\n${tally.report()}\n`);
process.exitCode = tally.failures.length > 0 ? 1 : 0;
