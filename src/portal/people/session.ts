// Sessions: opened by password or link, never taken over from before (HOSTILE 160), ended by time or by hand.

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Session } from "../../wire/api/v1/person.ts";
import type { PersonCaller } from "../caller.ts";
import { type Act, commit } from "../commit.ts";
import type { Core } from "../core.ts";
import { newToken, tokenHash } from "../identifier.ts";
import { Throttle } from "../throttle.ts";
import { spendToken } from "./one-time-token.ts";
import { callerPerson, type PersonRow, personOf } from "./person-row.ts";

export const SESSION_LIFE_MS = 7 * 86_400_000;
export const SESSION_IDLE_MAX_MS = 12 * 3_600_000;
const SEEN_EVERY_MS = 60_000;
const SESSIONS_PER_PERSON_MAX = 50;

/** HOSTILE 168: wrong passwords for one account, and from one address. */
export type SignInGuard = { readonly byLogin: Throttle; readonly byAddress: Throttle };

export function signInGuard(): SignInGuard {
  return {
    byLogin: new Throttle({ burst: 8, perSecond: 1 / 60 }),
    byAddress: new Throttle({ burst: 40, perSecond: 1 / 5 }),
  };
}

export type SignInCall = {
  readonly login: string;
  readonly password: string;
  /** Where the call comes from. */
  readonly address: string;
  /** A session that the caller had until now; it ends. */
  readonly before: string | undefined;
};

export async function signIn(core: Core, guard: SignInGuard, call: SignInCall): Promise<Result<Session, Failure>> {
  const nowMs = core.world.clock.monotonicMs();
  const login = call.login.toLowerCase();
  const waitMs = Math.max(guard.byLogin.take(login, nowMs), guard.byAddress.take(call.address, nowMs));
  if (waitMs > 0) return err(failure("portal.sign_in_locked", { seconds: Math.ceil(waitMs / 1000) }));
  const person = await core.database.selectFrom("person").selectAll().where("login", "=", login).executeTakeFirst();
  const matches = await core.hasher.matches(person?.password ?? null, call.password);
  if (matches === "busy") return err(failure("portal.capacity_exhausted"));
  if (person === undefined || !matches) {
    await commit(core, "portal", async (act) => {
      act.record("session.refused", person?.id ?? "unknown", { address: call.address });
      return ok();
    });
    return err(failure("portal.credentials_wrong"));
  }
  if (person.disabled === 1) return err(failure("portal.person_disabled"));
  guard.byLogin.forgive(login);
  guard.byAddress.forgive(call.address);
  return commit(core, person.id, async (act) => ok(await openSession(core, act, person, call.before, "password")));
}

export function signInByLink(core: Core, token: string, before: string | undefined): Promise<Result<Session, Failure>> {
  return commit(core, "portal", async (act) => {
    const person = await spendToken(act, "sign-in", token);
    return person.ok ? ok(await openSession(core, act, person.value, before, "link")) : person;
  });
}

async function openSession(
  core: Core,
  act: Act,
  person: PersonRow,
  before: string | undefined,
  by: "password" | "link",
): Promise<Session> {
  if (before !== undefined) await closeSessions(core, act, [tokenHash(before)]);
  const old = await act.tx
    .selectFrom("session")
    .select("token_hash")
    .where("person_id", "=", person.id)
    .orderBy("last_seen_at_ms", "desc")
    .limit(1_000)
    .offset(SESSIONS_PER_PERSON_MAX - 1)
    .execute();
  const surplus = old.map((row) => row.token_hash);
  if (surplus.length > 0) await closeSessions(core, act, surplus);
  const token = newToken(core.world.entropy).reveal();
  const expiresAtMs = act.nowMs + SESSION_LIFE_MS;
  await act.tx
    .insertInto("session")
    .values({
      token_hash: tokenHash(token),
      person_id: person.id,
      created_at_ms: act.nowMs,
      last_seen_at_ms: act.nowMs,
      expires_at_ms: expiresAtMs,
    })
    .execute();
  act.record("session.opened", person.id, { by }, person.id);
  return { person: personOf(person), token, expiresAtMs };
}

/** Who holds the session's token, if it is still good. */
export async function sessionCaller(core: Core, token: string): Promise<PersonCaller | undefined> {
  const nowMs = core.world.clock.wallMs();
  const hash = tokenHash(token);
  const row = await core.database
    .selectFrom("session")
    .innerJoin("person", "person.id", "session.person_id")
    .selectAll("person")
    .select(["session.last_seen_at_ms", "session.expires_at_ms"])
    .where("session.token_hash", "=", hash)
    .executeTakeFirst();
  if (row === undefined || row.disabled === 1) return undefined;
  if (row.expires_at_ms <= nowMs || row.last_seen_at_ms + SESSION_IDLE_MAX_MS <= nowMs) return undefined;
  if (nowMs - row.last_seen_at_ms > SEEN_EVERY_MS) {
    await core.database.updateTable("session").set({ last_seen_at_ms: nowMs }).where("token_hash", "=", hash).execute();
  }
  return { kind: "person", person: callerPerson(row), session: hash, sessionExpiresAtMs: row.expires_at_ms };
}

export function signOut(core: Core, caller: PersonCaller): Promise<Result<Record<string, never>, Failure>> {
  return commit(core, caller.person.personId, async (act) => {
    await closeSessions(core, act, [caller.session]);
    act.record("session.closed", caller.person.personId);
    return ok({});
  });
}

async function closeSessions(core: Core, act: Act, hashes: readonly string[]): Promise<void> {
  await act.tx.deleteFrom("session").where("token_hash", "in", hashes).execute();
  const closed = new Set(hashes);
  act.afterwards(() => core.hub.closeWhere(({ as }) => as.kind === "person" && closed.has(as.session)));
}

/** All sessions of a person, but for one that may stay. */
export async function closeSessionsOf(core: Core, act: Act, personId: string, stays?: string): Promise<void> {
  const rows = await act.tx.selectFrom("session").select("token_hash").where("person_id", "=", personId).execute();
  const hashes = rows.map((row) => row.token_hash).filter((hash) => hash !== stays);
  if (hashes.length > 0) await closeSessions(core, act, hashes);
}
