// Shows the rules many small files at once: one scan costs milliseconds however little it is given, and an archive has
// thousands of members. A batch that nothing touches clears all of them; one that is touched is looked at file by file.

import type { FileFacts, RuleMatch, Rules } from "./rules.ts";

type Waiting = {
  readonly bytes: Uint8Array;
  readonly facts: FileFacts;
  readonly found: (match: RuleMatch) => void;
};

const FILE_BYTES_MAX = 256 * 1024;
const BATCH_BYTES_MAX = 8 * 1024 * 1024;
const BATCH_FILES_MAX = 512;
// Keeps the end of one file and the start of the next from forming a pattern; a false touch only costs time.
const GAP_BYTES = 16;

export class Batch {
  readonly #rules: Rules;
  #waiting: Waiting[] = [];
  #bytes = 0;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** Copies a small file to be scanned later; false when it is too large and has to be scanned by itself. */
  take(bytes: () => Uint8Array, facts: FileFacts, found: (match: RuleMatch) => void): boolean {
    if (facts.bytes > FILE_BYTES_MAX) return false;
    this.#waiting.push({ bytes: bytes().slice(), facts, found });
    this.#bytes += facts.bytes + GAP_BYTES;
    if (this.#bytes > BATCH_BYTES_MAX || this.#waiting.length >= BATCH_FILES_MAX) this.flush();
    return true;
  }

  /** Scans what waits. Must be called before the findings count as complete. */
  flush(): void {
    const waiting = this.#waiting;
    const joined = new Uint8Array(this.#bytes);
    let at = 0;
    for (const one of waiting) {
      joined.set(one.bytes, at);
      at += one.bytes.length + GAP_BYTES;
    }
    this.#waiting = [];
    this.#bytes = 0;
    if (waiting.length === 0 || (waiting.length > 1 && !this.#rules.touches(joined))) return;
    for (const one of waiting) {
      for (const match of this.#rules.matches(one.bytes, one.facts)) one.found(match);
    }
  }
}
