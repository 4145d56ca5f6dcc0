// The shipped rules under yara-x (WebAssembly). Lives in the scanning worker, which is killed when a rule hangs:
// yara-x's own timeout was measured not to work.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Compiler, initSync, type Scanner } from "@virustotal/yara-x";
import { assert } from "../../base/assert.ts";
import type { VerdictOutcome } from "../../domain/verdict.ts";
import type { Family } from "./type.ts";

const RULES_VERSION = "2026.11.2";

export type RuleMatch = {
  readonly rule: string;
  readonly outcome: Exclude<VerdictOutcome, "clean">;
  readonly why: string;
};

/** What a rule's metadata may ask of the file. */
export type FileFacts = { readonly bytes: number; readonly family: Family };

// yara-x's WebAssembly build makes a module and a memory for every scan and never lets go of them: it was measured to
// trap after 12,900 scans. A scanner that has done this many is replaced before its next file.
const SCANS_MAX = 4_000;

/** The shipped rules as text, all files of `rules/`. */
export function shippedRules(): string {
  return readFileSync(fileURLToPath(new URL("./rules/shipped.yar", import.meta.url)), "utf8");
}

/** Names the exact rules: a change of one byte is another version, and makes cached verdicts stale (H131). */
export function rulesVersion(text: string): string {
  return `${RULES_VERSION}+${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
}

export class Rules {
  readonly #scanner: Scanner;
  #scans = 0;

  constructor(text: string) {
    const module = createRequire(import.meta.url)
      .resolve("@virustotal/yara-x")
      .replace(/\.js$/u, "_bg.wasm");
    initSync({ module: readFileSync(module) });
    using compiler = new Compiler();
    compiler.addSource(text);
    // No cap on matches is ever set: capping them was measured to drop rules silently (H129).
    this.#scanner = compiler.build().scanner();
  }

  /** True when this instance should not be given another file. */
  get worn(): boolean {
    return this.#scans > SCANS_MAX;
  }

  /** Whether any pattern stands in these bytes, whatever file it is. */
  touches(bytes: Uint8Array): boolean {
    return this.#scan(bytes).length > 0;
  }

  /** The rules that match a file which has these bytes in it. */
  matches(bytes: Uint8Array, facts: FileFacts): RuleMatch[] {
    return this.#scan(bytes).flatMap((match) => ruleMatch(match, facts));
  }

  #scan(bytes: Uint8Array): RawMatch[] {
    this.#scans += 1;
    const result: unknown = this.#scanner.scan(bytes);
    const { valid, matches } = scanResult(result);
    assert(valid, "yara-x finished the scan");
    return matches;
  }
}

type RawMatch = { identifier: string; metadata: { identifier: string; value: unknown }[] };

function scanResult(result: unknown): { valid: boolean; matches: RawMatch[] } {
  // yara-x's own answer; its declaration says `any`.
  return result as { valid: boolean; matches: RawMatch[] };
}

function ruleMatch(match: RawMatch, facts: FileFacts): RuleMatch[] {
  const meta = new Map(match.metadata.map((one) => [one.identifier, String(one.value)]));
  const families = meta.get("family")?.split(" ");
  if (families && !families.includes(facts.family)) return [];
  if (facts.bytes > Number(meta.get("bytes_max") ?? Number.POSITIVE_INFINITY)) return [];
  const outcome = meta.get("outcome");
  return [
    {
      rule: match.identifier,
      // A rule that forgets to say how bad it is counts as bad.
      outcome: outcome === "suspicious" || outcome === "unscanned" ? outcome : "infected",
      why: meta.get("why") ?? `It matches the rule ${match.identifier}.`,
    },
  ];
}
