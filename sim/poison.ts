// `npm run sim:poison`: downloads among liars over sizes, crowds, manners of lying and seeds; prints what each cost.
// `--formats v1,v2 --pieces 60,128,400 --crowds 7+3,14+6 --seeds 1..3`.

import { parseArgs } from "node:util";
import { sampleTorrent } from "../src/engine/engine-under-test.ts";
import { LIES, runPoisonTrial } from "../src/engine/poison-under-test.ts";

const PIECE_BYTES = 64 * 1024;
const BYTES_PER_SECOND = 1_000_000;

const { values } = parseArgs({
  options: {
    formats: { type: "string", default: "v1,v2" },
    pieces: { type: "string", default: "60,128,400" },
    crowds: { type: "string", default: "7+3,14+6" },
    seeds: { type: "string", default: "1..3" },
  },
});
const [first = 1, last = first] = values.seeds.split("..").map(Number);
for (const pieces of values.pieces.split(",").map(Number)) {
  for (const format of ["v1", "v2"] as const) {
    if (!values.formats.split(",").includes(format)) continue;
    const sample = sampleTorrent({ format, pieceBytes: PIECE_BYTES, bytes: pieces * PIECE_BYTES });
    for (const crowd of values.crowds.split(",")) {
      const [honest = 0, liars = 0] = crowd.split("+").map(Number);
      for (const [name, lie] of Object.entries(LIES)) {
        for (let seed = first; seed <= last; seed++) {
          const outcome = await runPoisonTrial({ sample, honest, liars, lie, seed, bytesPerSecond: BYTES_PER_SECOND });
          const wasOnlyLiars = outcome.banned.every((host) => outcome.liars.includes(host));
          if (!outcome.isRight || !wasOnlyLiars) process.exitCode = 1;
          console.log(
            `${format}, ${pieces} pieces, ${crowd}, ${name}, seed ${seed}: ${(100 * outcome.wastedShare).toFixed(1)} % in vain, ` +
              `${outcome.piecesFailed} bad pieces, ${outcome.banned.length} of ${liars} banned, ${(outcome.tookMs / 1_000).toFixed(1)} s${
                outcome.isRight && wasOnlyLiars ? "" : ", FAILED"
              }`,
          );
        }
      }
    }
  }
}
