// A node:test reporter that writes one JSON line an event, so that the runner can count and show what a file did.

import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";

export type TestResult = {
  readonly outcome: "passed" | "failed" | "skipped";
  readonly name: string;
  readonly nesting: number;
  readonly durationMs: number;
  /** Why it was skipped, or the error of a failure. */
  readonly detail: string;
};

export default async function* reporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    const { data } = event;
    // A suite is only a heading, unless a hook of its own broke.
    if (data.details.type === "suite" && event.type === "test:pass") continue;
    const reason = data.skip ?? data.todo;
    const skipped = reason !== undefined && reason !== false;
    const result: TestResult = {
      outcome: skipped ? "skipped" : event.type === "test:pass" ? "passed" : "failed",
      name: data.name,
      nesting: data.nesting,
      durationMs: data.details.duration_ms,
      detail: skipped ? String(reason) : event.type === "test:fail" ? errorText(event.data.details.error) : "",
    };
    yield `${JSON.stringify(result)}\n`;
  }
}

// The runner wraps what a test threw; the reader wants the thing itself.
function errorText(error: Error): string {
  return inspect(error.cause ?? error, { depth: 4, breakLength: 120 });
}
