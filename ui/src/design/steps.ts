// The path's words, icons and sentences, said once for every place that shows it.

import {
  Download,
  type LucideIcon,
  MessageSquareText,
  Microscope,
  PackageCheck,
  PackageOpen,
  Scale,
} from "lucide-react";
import type { PathStep, PathStepName, PathStepState } from "../../../src/domain/path.ts";

export const STEP_WORDS: Readonly<Record<PathStepName, string>> = {
  ask: "Ask",
  decide: "Decide",
  fetch: "Fetch",
  hold: "Hold",
  scan: "Scan",
  release: "Release",
};

export const STEP_ICONS: Readonly<Record<PathStepName, LucideIcon>> = {
  ask: MessageSquareText,
  decide: Scale,
  fetch: Download,
  hold: PackageOpen,
  scan: Microscope,
  release: PackageCheck,
};

export const STATE_WORDS: Readonly<Record<PathStepState, string>> = {
  done: "Done",
  current: "Now",
  waiting: "To come",
  refused: "Stopped",
};

type Sentences = Readonly<Record<PathStepName, string>>;

const CURRENT_SENTENCES: Sentences = {
  ask: "The request is being written.",
  decide: "A reviewer looks at the request. Nothing has been opened yet.",
  fetch: "The request was approved, and the device fetches the content piece by piece.",
  hold: "Every byte has arrived and is held. Nobody can open it until it has been scanned.",
  scan: "The scanner looks at each file.",
  release: "The scan found nothing. The files are on their way into the library.",
};

const REFUSED_SENTENCES: Sentences = {
  ask: "The request was not filed.",
  decide: "The request ended here, and nothing was opened.",
  fetch: "The transfer ended before all of it had arrived.",
  hold: "The content stays held.",
  scan: "The scan found something dangerous. The files stay locked away and never reach the library.",
  release: "The files were not released.",
};

/** The step that the reader should look at: the refused one, the current one, or the last that was done. */
export function openStep(path: readonly PathStep[]): PathStep | undefined {
  return (
    path.find((step) => step.state === "refused") ??
    path.find((step) => step.state === "current") ??
    path.findLast((step) => step.state === "done")
  );
}

export function stepSentence(step: PathStep): string {
  switch (step.state) {
    case "current":
      return CURRENT_SENTENCES[step.step];
    case "refused":
      return REFUSED_SENTENCES[step.step];
    case "waiting":
      return "This comes later.";
    case "done":
      return step.step === "release" ? "The files are in the library, scanned and clean." : "This is done.";
  }
}

/** The whole path in one sentence, for those who do not see it. */
export function pathSentence(path: readonly PathStep[]): string {
  const open = openStep(path);
  if (open === undefined) return "Not started";
  const number = path.indexOf(open) + 1;
  return `Step ${number} of ${path.length}, ${STEP_WORDS[open.step]}: ${STATE_WORDS[open.state].toLowerCase()}`;
}
