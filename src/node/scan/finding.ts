// What the scanner noticed in a file or in something packed inside it.

import type { VerdictOutcome } from "../../domain/verdict.ts";

export type Finding = {
  readonly outcome: Exclude<VerdictOutcome, "clean">;
  readonly reason: string;
  readonly why: string;
  readonly within: readonly string[];
};

/** Collects findings with a bound, so that an archive of ten thousand bad names stays one short report. */
export class Findings {
  readonly #kept: Finding[] = [];
  readonly #keptMax = 200;

  add(finding: Finding): void {
    if (this.#kept.length < this.#keptMax) this.#kept.push(finding);
    // An infection found late must not be lost to a full list of lesser findings.
    else if (finding.outcome === "infected") this.#kept[this.#keptMax - 1] = finding;
  }

  list(): readonly Finding[] {
    return this.#kept;
  }
}
