// `npm run sim:poison`: downloads among liars over sizes, crowds, manners of lying and seeds; prints what each cost.
// `--formats v1,v2 --pieces 60,128,400 --crowds 7+3,14+6 --seeds 1..3`; `--each` prints every
// download, `--up 70000` slows the way out of every host.

import { parseArgs } from "node:util";
import { sampleTorrent } from "../src/engine/engine-under-test.ts";
import { LIES, type PoisonOutcome, runPoisonTrial } from "../src/engine/poison-under-test.ts";

const BYTES_PER_SECOND = 1_000_000;

const { values } = parseArgs({
  options: {
    formats: { type: "string", default: "v1,v2" },
    pieces: { type: "string", default: "60,128,400" },
    crowds: { type: "string", default: "7+3,14+6" },
    seeds: { type: "string", default: "1..3" },
    lies: { type: "string", default: Object.keys(LIES).join() },
    /** Of a piece, in KiB. */
    piece: { type: "string", default: "64" },
    /** In bytes a second, of each host's way out; the downloader's way in takes a million. */
    up: { type: "string", default: String(BYTES_PER_SECOND) },
    each: { type: "boolean", default: false },
  },
});
const rates = { bytesPerSecond: BYTES_PER_SECOND, uplinkBytesPerSecond: Number(values.up) };
const [first = 1, last = first] = values.seeds.split("..").map(Number);

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function isRight({ isRight, banned, liars }: PoisonOutcome): boolean {
  return isRight && banned.every((host) => liars.includes(host));
}

function tell(name: string, outcomes: readonly PoisonOutcome[]): void {
  const shares = outcomes.map(({ wastedShare }) => wastedShare);
  const mean = shares.reduce((sum, share) => sum + share, 0) / outcomes.length;
  const bad = Math.max(...outcomes.map(({ badPiecesMost }) => badPiecesMost));
  const missed = outcomes.filter(({ banned, liars }) => banned.length < liars.length).length;
  const over = shares.filter((share) => share > 0.05).length;
  const seconds = outcomes.reduce((sum, { tookMs }) => sum + tookMs, 0) / outcomes.length / 1_000;
  const wrong = outcomes.filter((outcome) => !isRight(outcome)).length;
  if (wrong > 0) process.exitCode = 1;
  console.log(
    `${name}: ${percent(mean)} in vain, ${percent(Math.max(...shares))} at worst, ${over} of ${outcomes.length} over 5 %, ` +
      `${bad} bad pieces of one liar at most, ${missed} with a liar left, ${seconds.toFixed(2)} s${wrong > 0 ? `, ${wrong} FAILED` : ""}`,
  );
}

for (const pieces of values.pieces.split(",").map(Number)) {
  for (const format of ["v1", "v2"] as const) {
    if (!values.formats.split(",").includes(format)) continue;
    const pieceBytes = Number(values.piece) * 1024;
    const sample = sampleTorrent({ format, pieceBytes, bytes: pieces * pieceBytes });
    for (const crowd of values.crowds.split(",")) {
      const [honest = 0, liars = 0] = crowd.split("+").map(Number);
      for (const [name, lie] of Object.entries(LIES)) {
        if (!values.lies.split(",").includes(name)) continue;
        const cell = `${format}, ${pieces} pieces, ${crowd}, ${name}`;
        const outcomes: PoisonOutcome[] = [];
        for (let seed = first; seed <= last; seed++) {
          const outcome = await runPoisonTrial({ sample, honest, liars, lie, seed, ...rates });
          outcomes.push(outcome);
          if (values.each) tell(`${cell}, seed ${seed}`, [outcome]);
        }
        tell(cell, outcomes);
      }
    }
  }
}
