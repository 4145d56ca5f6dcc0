// Looks at one file and at everything packed inside it: name, type, rules, then its members, to the limits.

import { REASON_FORMAT_UNOPENED } from "../../domain/verdict.ts";
import { Batch } from "./batch.ts";
import { Budget, LimitReached } from "./budget.ts";
import { BrokenContainer, type Opening, UnopenedFormat } from "./container/container.ts";
import { CONTAINERS, unopenedFormat } from "./container/formats.ts";
import { ZIP_BEHIND } from "./container/zip.ts";
import { type Finding, Findings } from "./finding.ts";
import type { ScanLimits } from "./limits.ts";
import { nameFindings } from "./name.ts";
import type { RuleMatch, Rules } from "./rules.ts";
import type { Source } from "./source.ts";
import { Spool } from "./spool.ts";
import { type ContentType, contentType, masqueradeFinding } from "./type.ts";

export type InspectorParts = {
  readonly limits: ScanLimits;
  readonly rules: Rules;
  /** A folder only we can read, on the disk of the quarantine. */
  readonly spoolFolder: string;
  /** A name that no other spool file has. */
  readonly spoolName: () => string;
  /** Called at least once a window, so that a watcher can tell slow from stuck. */
  readonly onProgress: () => void;
};

type Run = { readonly findings: Findings; readonly budget: Budget; readonly batch: Batch };
type Place = { readonly name: string; readonly within: readonly string[]; readonly depth: number };

export class Inspector {
  readonly #parts: InspectorParts;

  constructor(parts: InspectorParts) {
    this.#parts = parts;
  }

  /** Everything noticed; an empty list means that every byte was looked at and nothing was found. */
  async inspect(source: Source, name: string): Promise<readonly Finding[]> {
    const findings = new Findings();
    const budget = new Budget(this.#parts.limits, source.bytes);
    const batch = new Batch(this.#parts.rules);
    await this.#object(source, { name, within: [], depth: 0 }, { findings, budget, batch });
    batch.flush();
    return findings.list();
  }

  async #object(source: Source, place: Place, run: Run): Promise<void> {
    this.#parts.onProgress();
    const report = (finding: Omit<Finding, "within">) => run.findings.add({ ...finding, within: place.within });
    const type = await contentType(source);
    for (const finding of nameFindings(place.name)) report(finding);
    const masquerade = masqueradeFinding(place.name, type);
    if (masquerade) report(masquerade);
    this.#applyRules(source, type, run.batch, report);
    await this.#openContainer(source, place, type, run);
  }

  #applyRules(
    source: Source,
    type: ContentType,
    batch: Batch,
    report: (finding: Omit<Finding, "within">) => void,
  ): void {
    const { windowBytes, overlapBytes } = this.#parts.limits;
    const facts = { bytes: source.bytes, family: type.family };
    const told = new Set<string>();
    const found = (match: RuleMatch) => {
      if (!told.has(match.rule)) report({ outcome: match.outcome, reason: match.rule, why: match.why });
      told.add(match.rule);
    };
    if (batch.take(() => source.read({ beginBytes: 0, lengthBytes: source.bytes }), facts, found)) return;
    for (let at = 0; at < source.bytes; at += windowBytes - overlapBytes) {
      this.#parts.onProgress();
      const window = source.read({ beginBytes: at, lengthBytes: windowBytes });
      for (const match of this.#parts.rules.matches(window, facts)) found(match);
      if (at + windowBytes >= source.bytes) break;
    }
  }

  async #openContainer(source: Source, place: Place, type: ContentType, run: Run): Promise<void> {
    const container = CONTAINERS.find((one) => one.recognises(source));
    const report = (finding: Omit<Finding, "within">, memberName?: string) =>
      run.findings.add({
        ...finding,
        within: memberName === undefined ? place.within : [...place.within, memberName],
      });
    const unopened = container === undefined || container === ZIP_BEHIND ? unopenedFormat(source) : undefined;
    if (unopened !== undefined) {
      report({
        outcome: "unscanned",
        reason: REASON_FORMAT_UNOPENED,
        why: `It is packed in a format that the built-in scanner does not open (${unopened}).`,
      });
    }
    if (!container) return;
    if (container === ZIP_BEHIND && isOtherThing(type)) {
      report({
        outcome: "suspicious",
        reason: "type.two_in_one",
        why: "It is two things at once: a harmless-looking file with an archive hidden behind it.",
      });
    }
    try {
      run.budget.depth(place.depth + 1);
      await container.open(source, this.#opening(place, run, report));
    } catch (thrown) {
      report(stopped(thrown, container.name));
    }
  }

  #opening(place: Place, run: Run, report: (finding: Omit<Finding, "within">, memberName?: string) => void): Opening {
    const { spoolFolder, spoolName, limits } = this.#parts;
    let entries = 0;
    return {
      budget: run.budget,
      entry: () => run.budget.entry((entries += 1)),
      name: place.name,
      report,
      spool: () => new Spool({ folder: spoolFolder, name: spoolName(), memoryBytesMax: limits.memoryBytesMax }),
      member: ({ name, content }) =>
        this.#object(content, { name, within: [...place.within, name], depth: place.depth + 1 }, run),
    };
  }
}

// Pictures, recordings and PDF files have no business ending in a zip; programs (self-extractors) do.
function isOtherThing(type: ContentType): boolean {
  return type.family === "image" || type.family === "audio" || type.family === "video" || type.extension === "pdf";
}

function stopped(thrown: unknown, container: string): Omit<Finding, "within"> {
  if (thrown instanceof LimitReached) return { outcome: "unscanned", reason: thrown.reason, why: thrown.message };
  if (thrown instanceof UnopenedFormat) {
    return { outcome: "unscanned", reason: REASON_FORMAT_UNOPENED, why: thrown.message };
  }
  if (thrown instanceof BrokenContainer) {
    return { outcome: "unscanned", reason: `${container}.damaged`, why: thrown.message };
  }
  throw thrown;
}
