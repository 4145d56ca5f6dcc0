// Counts outcomes and keeps what a reader must see at the end: the failures, why something was skipped, and what took long.

import type { FileOutcome } from "./test-file.ts";

export type Notice = { readonly title: string; readonly detail: string };

const SLOWEST_SHOWN = 10;

export class Tally {
  passed = 0;
  readonly #seconds = new Map<string, number>();
  readonly failures: Notice[] = [];
  readonly skips: Notice[] = [];

  addStep(title: string, trouble: string | undefined): void {
    if (trouble === undefined) this.passed += 1;
    else this.failures.push({ title, detail: trouble });
  }

  addFile(outcome: FileOutcome): void {
    this.#seconds.set(outcome.file, outcome.seconds);
    for (const result of outcome.results) {
      const notice = { title: `${outcome.file}: ${result.name}`, detail: result.detail };
      if (result.outcome === "passed") this.passed += 1;
      else if (result.outcome === "skipped") this.skips.push(notice);
      else this.failures.push(notice);
    }
    if (outcome.trouble !== undefined) {
      this.failures.push({ title: outcome.file, detail: `${outcome.trouble}\n${outcome.printed}` });
    }
  }

  /** Where everything must run, a skipped test is a failed one. */
  refuseSkips(): void {
    for (const skip of this.skips.splice(0)) {
      this.failures.push({ title: skip.title, detail: `skipped, and nothing may be skipped here: ${skip.detail}` });
    }
  }

  /** The files that took longest, so that whoever makes the tests longer sees it. */
  slowest(): string {
    const files = [...this.#seconds].toSorted(([, one], [, other]) => other - one).slice(0, SLOWEST_SHOWN);
    return files.map(([file, seconds]) => `${seconds.toFixed(1).padStart(6)} s  ${file}`).join("\n");
  }

  /** The failures and skips in full, then the one line that counts them. */
  report(): string {
    const skips = this.skips.map(({ title, detail }) => `skipped  ${title}\n         ${detail}`);
    const failures = this.failures.map(({ title, detail }) => `FAILED   ${title}\n${indent(detail)}`);
    const skipped = this.skips.length > 0 ? `, ${this.skips.length} skipped` : "";
    return [...skips, ...failures, `${this.passed} passed, ${this.failures.length} failed${skipped}`].join("\n");
  }
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => `         ${line}`)
    .join("\n");
}
