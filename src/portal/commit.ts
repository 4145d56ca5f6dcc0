// One use case, one transaction: the change and the events that record it are committed together or not at all.

import type { Kysely } from "kysely";
import { type Failure, FailureError } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { AuditAction, AuditData } from "../domain/audit.ts";
import type { PushEvent } from "../wire/api/v1/event.ts";
import { appendEvents, type NewAuditEvent } from "./audit/append.ts";
import type { Core } from "./core.ts";
import type { Audience } from "./event-hub.ts";
import type { Tables } from "./store/tables.ts";

/** What a use case may do while its transaction is open. */
export type Act = {
  readonly tx: Kysely<Tables>;
  /** A person id, a device id, or "portal". */
  readonly actor: string;
  readonly nowMs: number;
  /** `by`: who did it, when that became known only inside. */
  record(action: AuditAction, subject: string, data?: AuditData, by?: string): void;
  /** Goes out only once the change is durable. */
  push(to: Audience, event: PushEvent): void;
  /** Runs once the change is durable: for state that lives in memory. */
  afterwards(run: () => void): void;
};

/** A refusal rolls everything back; a thrown error does so too and stays an error. */
export async function commit<T>(
  core: Core,
  actor: string,
  run: (act: Act) => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const afterwards: (() => void)[] = [];
  let value: T;
  try {
    value = await core.database.transaction().execute(async (tx) => {
      const events: NewAuditEvent[] = [];
      const nowMs = core.world.clock.wallMs();
      const result = await run({
        tx,
        actor,
        nowMs,
        record: (action, subject, data = {}, by = actor) =>
          void events.push({ atMs: nowMs, actor: by, action, subject, data }),
        push: (to, event) => void afterwards.push(() => core.hub.push(to, event)),
        afterwards: (then) => void afterwards.push(then),
      });
      if (!result.ok) throw new FailureError(result.error);
      await appendEvents(tx, events, core.key);
      return result.value;
    });
  } catch (thrown) {
    if (thrown instanceof FailureError) return err(thrown.failure);
    throw thrown;
  }
  for (const then of afterwards) then();
  return ok(value);
}
