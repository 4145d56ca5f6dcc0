// The path, small: six glyphs and a word, for a table row. Each state has its own shape, so colour only helps.

import type { ReactNode } from "react";
import type { PathStep, PathStepState } from "../../../src/domain/path.ts";
import { openStep, pathSentence, STEP_WORDS } from "./steps.ts";
import "./path.css";

export function PathRow({ steps }: { readonly steps: readonly PathStep[] }): ReactNode {
  const open = openStep(steps);
  return (
    <span className="path-row" data-state={open?.state}>
      <span className="path-glyphs" role="img" aria-label={pathSentence(steps)}>
        {steps.map((step) => (
          <Glyph key={step.step} state={step.state} />
        ))}
      </span>
      <span className="path-row-word" aria-hidden="true">
        {open === undefined ? "" : STEP_WORDS[open.step]}
      </span>
    </span>
  );
}

function Glyph({ state }: { readonly state: PathStepState }): ReactNode {
  return (
    <svg className="path-glyph" data-state={state} viewBox="0 0 12 12" aria-hidden="true">
      <circle cx="6" cy="6" r="4.75" />
      {state === "current" && <path className="path-glyph-fill" d="M6 1.25a4.75 4.75 0 0 0 0 9.5z" />}
      {state === "refused" && <path className="path-glyph-cross" d="M3.9 3.9l4.2 4.2M8.1 3.9l-4.2 4.2" />}
    </svg>
  );
}
