// What a scan concluded about a file. Unscanned is never clean, and the worst of several verdicts counts.

/** From harmless to worst, except that `unscanned` is no statement at all: nobody may treat it as clean. */
export type VerdictOutcome = "clean" | "unscanned" | "suspicious" | "infected";

export type Verdict = {
  readonly outcome: VerdictOutcome;
  /** Who says so, for example "swarmgate rules" or "clamd". */
  readonly engine: string;
  readonly signatureVersion: string;
  /** A stable reason: the rule's or signature's name, or a `scan.…` code of ours. */
  readonly reason: string;
  /** The reason as a sentence for a person. */
  readonly why: string;
  /** Where inside the file it was found: the names of the containers, outermost first. */
  readonly within: readonly string[];
};

const GRAVITY: Record<VerdictOutcome, number> = { clean: 0, unscanned: 1, suspicious: 2, infected: 3 };

/** Of a format that the built-in scanner cannot open; another engine that opens it may answer instead. */
export const REASON_FORMAT_UNOPENED = "scan.format_unopened";

/** The worst verdict counts. No verdict at all is unscanned. */
export function combineVerdicts(verdicts: readonly Verdict[]): Verdict {
  const second = verdicts.some((verdict) => verdict.outcome === "clean");
  const counted = second
    ? verdicts.filter((verdict) => !(verdict.outcome === "unscanned" && verdict.reason === REASON_FORMAT_UNOPENED))
    : verdicts;
  return counted.reduce((worst, verdict) => (isWorse(verdict, worst) ? verdict : worst), counted[0] ?? NO_VERDICT);
}

// Of two that say the same, the one that says more exactly where.
function isWorse(a: Verdict, b: Verdict): boolean {
  if (a.outcome !== b.outcome) return GRAVITY[a.outcome] > GRAVITY[b.outcome];
  return a.reason === b.reason && a.within.length > b.within.length;
}

const NO_VERDICT: Verdict = {
  outcome: "unscanned",
  engine: "none",
  signatureVersion: "0",
  reason: "scan.no_engine",
  why: "No scanner has looked at this file.",
  within: [],
};
