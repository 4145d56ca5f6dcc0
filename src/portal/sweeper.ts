// What time does to requests, grants and sessions, done regularly: lapse, expire, forget, sign again.

import { ok } from "../base/result.ts";
import type { Timer } from "../world/clock.ts";
import { commit } from "./commit.ts";
import type { Core } from "./core.ts";
import { pushGrant } from "./grants/end-grant.ts";
import { renewRevocations } from "./grants/revocation-list.ts";
import { SESSION_IDLE_MAX_MS } from "./people/session.ts";
import { lapseOldRequests } from "./requests/lapse.ts";

const SWEEP_EVERY_MS = 10_000;
const IDEMPOTENCY_KEPT_MS = 86_400_000;
const EXPIRED_AT_ONCE_MAX = 1_000;

/** `failed` hears of a sweep that threw; the next one tries again. */
export function startSweeper(core: Core, failed: (cause: unknown) => void): Timer {
  return core.world.clock.every(SWEEP_EVERY_MS, () => {
    sweep(core).catch(failed);
  });
}

export async function sweep(core: Core): Promise<void> {
  await commit(core, "portal", async (act) => {
    await lapseOldRequests(act);
    const expired = await act.tx
      .selectFrom("grant")
      .selectAll()
      .where("state", "=", "active")
      .where("expires_at_ms", "<=", act.nowMs)
      .limit(EXPIRED_AT_ONCE_MAX)
      .execute();
    for (const row of expired) {
      await act.tx
        .updateTable("grant")
        .set({ state: "expired", ended_at_ms: row.expires_at_ms, ended_by: "portal", ended_why: "Its time was over." })
        .where("id", "=", row.id)
        .execute();
      act.record("grant.expired", row.id, { person: row.person_id });
      act.afterwards(() => core.swarms.leaveAll(row.id));
      pushGrant(act, row, "expired", null);
    }
    return ok();
  });
  const nowMs = core.world.clock.wallMs();
  await core.database
    .deleteFrom("session")
    .where((where) =>
      where.or([where("expires_at_ms", "<=", nowMs), where("last_seen_at_ms", "<=", nowMs - SESSION_IDLE_MAX_MS)]),
    )
    .execute();
  await core.database.deleteFrom("one_time_token").where("expires_at_ms", "<=", nowMs).execute();
  await core.database
    .deleteFrom("idempotency")
    .where("at_ms", "<=", nowMs - IDEMPOTENCY_KEPT_MS)
    .execute();
  core.swarms.sweep(core.world.clock.monotonicMs());
  core.hub.closeWhere((subscriber) => subscriber.endsAtMs <= nowMs);
}

/** Signs the list again well before it ages: at a third of its life two renewals may fail. */
export function startRevocationRenewal(core: Core, failed: (cause: unknown) => void): Timer {
  const everyMs = (core.settings.revocationMaxAgeSeconds * 1000) / 3;
  return core.world.clock.every(everyMs, () => {
    renewNow(core).catch(failed);
  });
}

export async function renewNow(core: Core): Promise<void> {
  await commit(core, "portal", async (act) => {
    await renewRevocations(core, act);
    return ok();
  });
}
