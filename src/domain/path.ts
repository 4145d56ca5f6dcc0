// The path: the six steps that every request, transfer and share shows, wherever it is shown.

import type { GrantState } from "./grant.ts";
import type { RequestState } from "./request.ts";
import type { TransferState } from "./transfer.ts";

export const PATH_STEPS = ["ask", "decide", "fetch", "hold", "scan", "release"] as const;
export type PathStepName = (typeof PATH_STEPS)[number];
export type PathStepState = "done" | "current" | "waiting" | "refused";

export type PathStep = {
  readonly step: PathStepName;
  readonly state: PathStepState;
  readonly atMs?: number;
  readonly who?: string;
  readonly why?: string;
};
export type Path = readonly PathStep[];

type Moment = { readonly atMs?: number; readonly who?: string; readonly why?: string };

export type PathFacts = {
  readonly asked: Moment;
  readonly request: { readonly state: RequestState } & Moment;
  readonly grant?: { readonly state: GrantState } & Moment;
  readonly transfer?: { readonly state: TransferState } & Moment;
};

const GLYPHS: Readonly<Record<PathStepState, string>> = { done: "●", current: "◐", waiting: "○", refused: "✕" };

/** `●●◐○○○`: the path on one terminal cell a step. */
export function pathGlyphs(path: Path): string {
  return path.map((step) => GLYPHS[step.state]).join("");
}

export function pathOf(facts: PathFacts): Path {
  const { asked, request, grant, transfer } = facts;
  const ask: PathStep = { step: "ask", ...moment(asked), state: "done" };
  switch (request.state) {
    case "pending":
      return filled([ask, { step: "decide", state: "current", ...why(request) }]);
    case "denied":
    case "withdrawn":
    case "lapsed":
      return filled([ask, { step: "decide", ...moment(request), state: "refused" }]);
    case "approved":
      return filled([ask, { step: "decide", ...moment(request), state: "done" }, ...fetched(grant, transfer)]);
  }
}

function fetched(grant: PathFacts["grant"], transfer: PathFacts["transfer"]): PathStep[] {
  const position = transfer === undefined ? FETCH_WAITS : TRANSFER_POSITIONS[transfer.state];
  const steps = PATH_STEPS.slice(2);
  const ended = grant !== undefined && grant.state !== "active" && !position.finished && position.state !== "refused";
  return steps.slice(0, position.step + 1).map((step, index): PathStep => {
    if (index < position.step) return { step, state: "done" };
    if (ended) return { step, ...moment(grant), state: "refused" };
    return { step, ...moment(transfer ?? {}), state: position.state };
  });
}

type Position = { readonly step: 0 | 1 | 2 | 3; readonly state: PathStepState; readonly finished?: true };
const FETCH_WAITS: Position = { step: 0, state: "current" };

// Step 0 is "fetch". A transfer that stands at a step is there by itself or was refused there.
const TRANSFER_POSITIONS: Readonly<Record<TransferState, Position>> = {
  waiting: FETCH_WAITS,
  fetching: FETCH_WAITS,
  paused: FETCH_WAITS,
  stopped: { step: 0, state: "refused" },
  failed: { step: 0, state: "refused" },
  held: { step: 1, state: "current" },
  scanning: { step: 2, state: "current" },
  infected: { step: 2, state: "refused" },
  released: { step: 3, state: "done", finished: true },
};

function filled(steps: readonly PathStep[]): Path {
  return PATH_STEPS.map((step, index) => steps[index] ?? { step, state: "waiting" });
}

function moment(from: Moment): Moment {
  return {
    ...(from.atMs === undefined ? {} : { atMs: from.atMs }),
    ...(from.who === undefined ? {} : { who: from.who }),
    ...why(from),
  };
}

function why(from: Moment): Moment {
  return from.why === undefined ? {} : { why: from.why };
}
