// The path, large: six steps, each with its icon, word, state, who and when; the open one says why.

import { Check, X } from "lucide-react";
import type { ReactNode } from "react";
import type { PathStep } from "../../../src/domain/path.ts";
import { Moment } from "./moment.tsx";
import { openStep, STATE_WORDS, STEP_ICONS, STEP_WORDS, stepSentence } from "./steps.ts";
import "./path.css";

type PathProps = {
  readonly steps: readonly PathStep[];
  readonly label: string;
  /** False where the page says elsewhere why it stands at this step. */
  readonly told?: boolean;
  /** What the reader can do at the open step. */
  readonly children?: ReactNode;
};

export function Path({ steps, label, told = true, children }: PathProps): ReactNode {
  const open = openStep(steps);
  return (
    <div className="path">
      <ol className="path-steps" aria-label={label}>
        {steps.map((step) => (
          <Step key={step.step} step={step} open={step === open} />
        ))}
      </ol>
      {told && open !== undefined && (
        <div className="path-open" data-state={open.state} data-step={open.step}>
          <p>
            <strong>
              {STEP_WORDS[open.step]}: {STATE_WORDS[open.state].toLowerCase()}.
            </strong>{" "}
            {/* What a device says of a finished step is the more exact one; saying both would say it twice. */}
            {(open.state !== "done" || open.why === undefined) && stepSentence(open)}{" "}
            {open.why !== undefined && <span className="outside">{open.why}</span>}
          </p>
          {children}
        </div>
      )}
    </div>
  );
}

function Step({ step, open }: { readonly step: PathStep; readonly open: boolean }): ReactNode {
  const Icon = step.state === "done" ? Check : step.state === "refused" ? X : STEP_ICONS[step.step];
  return (
    <li className="path-step" data-state={step.state} aria-current={open ? "step" : undefined}>
      <span className="path-mark">
        <Icon aria-hidden="true" />
      </span>
      <span className="path-text">
        <span className="path-word">{STEP_WORDS[step.step]}</span>
        <span className="path-state">{STATE_WORDS[step.state]}</span>
        {step.who !== undefined && <span className="path-who outside">{step.who}</span>}
        {step.atMs !== undefined && (
          <span className="path-when">
            <Moment ms={step.atMs} />
          </span>
        )}
      </span>
    </li>
  );
}
