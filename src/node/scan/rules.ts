// The shipped rules under yara-x (WebAssembly). Lives in the scanning worker, which is killed when a rule hangs:
// yara-x's own timeout was measured not to work.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Compiler, initSync, type Scanner } from "@virustotal/yara-x";
import { assert } from "../../base/assert.ts";
import type { VerdictOutcome } from "../../domain/verdict.ts";
import type { Family } from "./type.ts";

const RULES_VERSION = "2026.11.1";

export type RuleMatch = {
  readonly rule: string;
  readonly outcome: Exclude<VerdictOutcome, "clean">;
  readonly why: string;
};

/** What the rules may know of the file besides the window's bytes. */
export type WindowFacts = { readonly first: boolean; readonly wholeBytes: number; readonly family: Family };

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

  constructor(text: string) {
    const module = import.meta.resolve("@virustotal/yara-x").replace(/\.js$/u, "_bg.wasm");
    initSync({ module: readFileSync(fileURLToPath(module)) });
    using compiler = new Compiler();
    compiler.defineGlobal("first", true);
    compiler.defineGlobal("whole_bytes", 0);
    compiler.defineGlobal("family", "unknown");
    compiler.addSource(text);
    // No cap on matches is ever set: capping them was measured to drop rules silently (H129).
    this.#scanner = compiler.build().scanner();
  }

  matches(window: Uint8Array, facts: WindowFacts): RuleMatch[] {
    this.#scanner.setGlobal("first", facts.first);
    this.#scanner.setGlobal("whole_bytes", facts.wholeBytes);
    this.#scanner.setGlobal("family", facts.family);
    const result: unknown = this.#scanner.scan(window);
    const { valid, matches } = scanResult(result);
    assert(valid, "yara-x finished the window");
    return matches.map(ruleMatch);
  }
}

type RawMatch = { identifier: string; metadata: { identifier: string; value: unknown }[] };

function scanResult(result: unknown): { valid: boolean; matches: RawMatch[] } {
  // yara-x's own answer; its declaration says `any`.
  return result as { valid: boolean; matches: RawMatch[] };
}

function ruleMatch(match: RawMatch): RuleMatch {
  const meta = new Map(match.metadata.map((one) => [one.identifier, String(one.value)]));
  const outcome = meta.get("outcome");
  return {
    rule: match.identifier,
    // A rule that forgets to say how bad it is counts as bad.
    outcome: outcome === "suspicious" || outcome === "unscanned" ? outcome : "infected",
    why: meta.get("why") ?? `It matches the rule ${match.identifier}.`,
  };
}
