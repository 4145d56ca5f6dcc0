// `npm run bench:gate-own`: recall on captures that real clients make now. It needs root and every client, takes minutes
// and measures no speed, so it is kept apart from `bench:gate`.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../../scripts/repository.ts";
import { measureOwnCaptures } from "./own-captures.ts";
import { provenance } from "./provenance.ts";

const rows = await measureOwnCaptures((row) => process.stdout.write(`${JSON.stringify(row)}\n`));
writeFileSync(
  join(repositoryRoot, "bench/results/gate-own.json"),
  `${JSON.stringify({ ...provenance(), rows }, null, 2)}\n`,
);
