// Gives one verdict on one file: the built-in rules in their worker, clamd beside them, the worst of both counts.

import { extname } from "node:path";
import { combineVerdicts, type Verdict } from "../../domain/verdict.ts";
import type { Clock } from "../../world/clock.ts";
import type { Clamd } from "./clamd.ts";
import type { Finding } from "./finding.ts";
import { type FileIdentity, sameFile } from "./job.ts";
import type { ScanLimits } from "./limits.ts";
import { nameFindings } from "./name.ts";
import { rulesVersion, shippedRules } from "./rules.ts";
import { type JobOutcome, WorkerHandle } from "./worker-handle.ts";

const BUILT_IN_ENGINE = "swarmgate rules";

/** `required` when an administrator named it; a clamd that was merely found may decline what is too large for it. */
export type SecondOpinion = { readonly clamd: Clamd; readonly required: boolean };

export type ScannerParts = {
  readonly limits: ScanLimits;
  readonly spoolFolder: string;
  readonly clock: Clock;
  readonly second: SecondOpinion | undefined;
  readonly verdicts: VerdictCache;
  /** For tests of the scanner's own failure; the shipped rules otherwise. */
  readonly rulesText?: string;
};

/** Remembers what was said about content, for as long as the same rules say it. */
export interface VerdictCache {
  find(key: VerdictKey): Verdict | undefined;
  keep(key: VerdictKey, verdict: Verdict): void;
}
/** The extension is part of the key: the same bytes are harmless as .exe and a deceit as .pdf. */
export type VerdictKey = { readonly sha256: string; readonly extension: string; readonly engines: string };

export type Scanned = {
  readonly verdict: Verdict;
  /** Undefined when not even the bytes could be read. */
  readonly file: { readonly sha256: string; readonly identity: FileIdentity } | undefined;
};

export class Scanner {
  readonly #parts: ScannerParts;
  readonly #worker: WorkerHandle;
  readonly #version: string;

  constructor(parts: ScannerParts) {
    this.#parts = parts;
    const rulesText = parts.rulesText ?? shippedRules();
    this.#version = rulesVersion(rulesText);
    this.#worker = new WorkerHandle({ rulesText, limits: parts.limits, spoolFolder: parts.spoolFolder }, parts.clock);
  }

  /** Names every engine and its signatures: what was scanned under another name is scanned again (H131). */
  async engines(): Promise<string> {
    const second = await this.#parts.second?.clamd.version();
    return second === undefined ? this.#version : `${this.#version} + ${second}`;
  }

  /** `name` is what the file will be called; `path` is its opaque place in quarantine. Never rejects. */
  async scan(file: { readonly path: string; readonly name: string }): Promise<Scanned> {
    const digested = await this.#worker.run("digest", file);
    if (digested.kind !== "digested") return { verdict: this.#unread(digested), file: undefined };
    const known = { sha256: digested.sha256, identity: digested.identity };
    const key = { sha256: known.sha256, extension: extname(file.name).toLowerCase(), engines: await this.engines() };
    const named = nameFindings(file.name).map((finding) => this.#verdict({ ...finding, within: [] }));
    const cached = this.#parts.verdicts.find(key);
    if (cached) return { verdict: combineVerdicts([cached, ...named]), file: known };
    const verdict = await this.#look(file, digested.identity);
    if (verdict.outcome !== "unscanned") this.#parts.verdicts.keep(key, verdict);
    return { verdict: combineVerdicts([verdict, ...named]), file: known };
  }

  async close(): Promise<void> {
    await this.#worker.close();
  }

  async #look(file: { readonly path: string; readonly name: string }, identity: FileIdentity): Promise<Verdict> {
    const inspected = await this.#worker.run("inspect", file);
    if (inspected.kind !== "inspected") return this.#unread(inspected);
    if (!sameFile(identity, inspected.identity)) {
      return this.#verdict(unscannedFinding("scan.file_changed", "The file changed while it was scanned."));
    }
    const own =
      inspected.findings.length === 0
        ? [this.#clean(identity.bytes)]
        : inspected.findings.map((finding) => this.#verdict(finding));
    return combineVerdicts([...own, ...(await this.#secondOpinion(file.path))]);
  }

  async #secondOpinion(path: string): Promise<Verdict[]> {
    const second = this.#parts.second;
    if (!second) return [];
    const verdict = await second.clamd.scanFile(path).catch((thrown: unknown): Verdict => {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      return { ...this.#verdict(unscannedFinding("scan.file_unreadable", why)), engine: "clamd" };
    });
    return verdict.reason === "scan.clamd_over_limit" && !second.required ? [] : [verdict];
  }

  #clean(bytes: number): Verdict {
    const why = `All ${bytes.toLocaleString("en-GB")} bytes were looked at and nothing was found.`;
    return { outcome: "clean", reason: "scan.clean", why, ...this.#signature(), within: [] };
  }

  #unread(outcome: JobOutcome): Verdict {
    switch (outcome.kind) {
      case "killed":
        return this.#verdict(unscannedFinding("scan.worker_killed", outcome.why));
      case "failed":
        return this.#verdict(unscannedFinding("scan.file_unreadable", `It could not be read: ${outcome.why}`));
      case "closed":
      case "digested":
      case "inspected":
        return this.#verdict(unscannedFinding("scan.scanner_closed", "The scanner is shutting down."));
    }
  }

  #verdict(finding: Finding): Verdict {
    return { ...finding, ...this.#signature() };
  }

  #signature(): { engine: string; signatureVersion: string } {
    return { engine: BUILT_IN_ENGINE, signatureVersion: this.#version };
  }
}

function unscannedFinding(reason: string, why: string): Finding {
  return { outcome: "unscanned", reason, why, within: [] };
}
