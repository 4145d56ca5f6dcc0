// Which of the project's own code has run, as V8 counts it: what leads the fuzz loops to new code. Counting costs little
// per execution; asking costs milliseconds, so the loop asks once for many inputs.

import { type Profiler, Session } from "node:inspector";

/** What ran of one function: one byte a character of its source, 1 where it ran. */
export type Reached = { readonly key: string; readonly ran: Uint8Array };

export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Map<string, Uint8Array>();
  readonly #isOurs: (url: string) => boolean;

  /** V8 counts inside functions that it compiles from now on: make this before what is to be watched has run. */
  constructor(isOurs: (url: string) => boolean = (url) => url.includes("/src/")) {
    this.#isOurs = isOurs;
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    this.take();
  }

  /** Characters of source that were kept as seen. */
  get characters(): number {
    let characters = 0;
    for (const ran of this.#seen.values()) for (const one of ran) characters += one;
    return characters;
  }

  /** What ran since the last call and holds code that was never kept as seen. */
  take(): Reached[] {
    const fresh: Reached[] = [];
    this.#session.post("Profiler.takePreciseCoverage", (_failed: Error | null, taken) => {
      for (const script of taken?.result ?? []) {
        if (!this.#isOurs(script.url)) continue;
        for (const { ranges } of script.functions) {
          const reached = reachedBy(script.scriptId, ranges);
          if (reached !== undefined && this.#isFresh(reached)) fresh.push(reached);
        }
      }
    });
    return fresh;
  }

  #isFresh({ key, ran }: Reached): boolean {
    const seen = this.#seen.get(key);
    return seen === undefined || ran.some((one, at) => one > (seen[at] ?? 0));
  }

  /** Another target begins. */
  forget(): void {
    this.#seen.clear();
    this.take();
  }

  keep(reached: readonly Reached[]): void {
    for (const { key, ran } of reached) {
      const seen = this.#seen.get(key);
      if (seen === undefined) this.#seen.set(key, ran);
      else for (const [at, one] of ran.entries()) if (one === 1) seen[at] = 1;
    }
  }

  [Symbol.dispose](): void {
    this.#session.disconnect();
  }
}

// The first range is the whole function; those that follow are parts whose count differs, and lie within one before.
function reachedBy(scriptId: string, ranges: readonly Profiler.CoverageRange[]): Reached | undefined {
  const [whole] = ranges;
  if (whole === undefined || whole.count === 0) return undefined;
  const ran = new Uint8Array(whole.endOffset - whole.startOffset);
  for (const { count, startOffset, endOffset } of ranges) {
    ran.fill(count > 0 ? 1 : 0, startOffset - whole.startOffset, endOffset - whole.startOffset);
  }
  return { key: `${scriptId} ${whole.startOffset}`, ran };
}
