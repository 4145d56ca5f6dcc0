// Accounts: made, changed, disabled, and declared to belong to one human being.

import { type Kysely, sql } from "kysely";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { may } from "../../domain/person.ts";
import type { NewPerson, PasswordChange, Person, PersonPatch } from "../../wire/api/v1/person.ts";
import type { PersonCaller } from "../caller.ts";
import { type Act, commit } from "../commit.ts";
import type { Core } from "../core.ts";
import { likePattern } from "../cursor.ts";
import { endGrantsWhere } from "../grants/end-grant.ts";
import { newIdentifier } from "../identifier.ts";
import type { Tables } from "../store/tables.ts";
import { findPerson, type PersonRow, personOf, rolesOf } from "./person-row.ts";
import { closeSessionsOf } from "./session.ts";

const PEOPLE_MAX = 1_000;

/** `actor`: an administrator's id, or "portal" for the first start and the command line. */
export async function addPerson(core: Core, actor: string, fresh: NewPerson): Promise<Result<Person, Failure>> {
  const password = fresh.password === undefined ? null : await core.hasher.hash(fresh.password);
  if (password === undefined) return err(failure("portal.capacity_exhausted"));
  return commit(core, actor, async (act) => {
    const taken = await act.tx.selectFrom("person").select("id").where("login", "=", fresh.login).executeTakeFirst();
    if (taken !== undefined) return err(failure("portal.login_taken", { login: fresh.login }));
    const row: PersonRow = {
      id: newIdentifier(core.world.entropy, "P"),
      login: fresh.login,
      name: fresh.name.trim(),
      email: fresh.email ?? null,
      roles: JSON.stringify(fresh.roles),
      disabled: 0,
      human_id: newIdentifier(core.world.entropy, "P"),
      password,
      created_at_ms: act.nowMs,
    };
    await act.tx.insertInto("person").values(row).execute();
    act.record("person.created", row.id, { login: row.login, name: row.name, roles: fresh.roles });
    return ok(personOf(row));
  });
}

export async function listPeople(tx: Kysely<Tables>, search: string | undefined): Promise<Person[]> {
  let query = tx.selectFrom("person").selectAll().orderBy("name").limit(PEOPLE_MAX);
  if (search !== undefined && search !== "") {
    const pattern = likePattern(search);
    query = query.where(
      sql<boolean>`(lower(name) like ${pattern} escape '\\' or login like ${pattern} escape '\\' or id = ${search})`,
    );
  }
  return (await query.execute()).map(personOf);
}

export function changePerson(
  core: Core,
  actor: string,
  personId: string,
  patch: PersonPatch,
): Promise<Result<Person, Failure>> {
  return commit(core, actor, async (act) => {
    const before = await findPerson(act.tx, personId);
    if (before === undefined) return err(failure("portal.thing_unknown", { what: "person", id: personId }));
    const after: PersonRow = {
      ...before,
      roles: patch.roles === undefined ? before.roles : JSON.stringify(patch.roles),
      disabled: patch.disabled === undefined ? before.disabled : Number(patch.disabled),
    };
    if (manages(before) && !manages(after) && !(await othersManage(act.tx, personId))) {
      return err(failure("portal.administrator_last"));
    }
    await act.tx
      .updateTable("person")
      .set({ roles: after.roles, disabled: after.disabled })
      .where("id", "=", personId)
      .execute();
    if (patch.roles !== undefined && after.roles !== before.roles) {
      act.record("person.changed", personId, { roles: patch.roles, before: rolesOf(before) });
      // What a stream may show was decided when it was opened.
      act.afterwards(() => core.hub.closeWhere(({ as }) => as.kind === "person" && as.personId === personId));
    }
    if (after.disabled !== before.disabled) await switchAccount(core, act, after, patch.reason ?? "");
    return patch.linkTo === undefined ? ok(personOf(after)) : linkPeople(act, after, patch.linkTo);
  });
}

/** HOSTILE 161: with the account end its sessions, its devices' streams, its grants and its waiting requests. */
async function switchAccount(core: Core, act: Act, person: PersonRow, reason: string): Promise<void> {
  if (person.disabled === 0) {
    act.record("person.enabled", person.id, { reason });
    return;
  }
  act.record("person.disabled", person.id, { reason });
  await closeSessionsOf(core, act, person.id);
  await act.tx.deleteFrom("one_time_token").where("person_id", "=", person.id).execute();
  act.afterwards(() => core.hub.closeWhere(({ as }) => as.personId === person.id));
  await endGrantsWhere(core, act, { personId: person.id }, "The account was disabled.");
}

/** From then on the two decide as one: neither decides the other's requests. */
async function linkPeople(act: Act, person: PersonRow, otherId: string): Promise<Result<Person, Failure>> {
  const other = await findPerson(act.tx, otherId);
  if (other === undefined) return err(failure("portal.thing_unknown", { what: "person", id: otherId }));
  await act.tx
    .updateTable("person")
    .set({ human_id: other.human_id })
    .where("human_id", "=", person.human_id)
    .execute();
  act.record("person.linked", person.id, { to: other.id });
  return ok({ ...personOf(person), humanId: other.human_id });
}

export async function changePassword(
  core: Core,
  caller: PersonCaller,
  change: PasswordChange,
): Promise<Result<Record<string, never>, Failure>> {
  const { personId } = caller.person;
  const person = await findPerson(core.database, personId);
  if (person?.password !== null) {
    const matches = await core.hasher.matches(person?.password ?? null, change.current ?? "");
    if (matches === "busy") return err(failure("portal.capacity_exhausted"));
    if (!matches) return err(failure("portal.credentials_wrong"));
  }
  const password = await core.hasher.hash(change.password);
  if (password === undefined) return err(failure("portal.capacity_exhausted"));
  return commit(core, personId, async (act) => {
    await act.tx.updateTable("person").set({ password }).where("id", "=", personId).execute();
    await closeSessionsOf(core, act, personId, caller.session);
    act.record("person.password_changed", personId);
    return ok({});
  });
}

function manages(row: PersonRow): boolean {
  return row.disabled === 0 && may(rolesOf(row), "manage-people");
}

async function othersManage(tx: Kysely<Tables>, personId: string): Promise<boolean> {
  const others = await tx
    .selectFrom("person")
    .selectAll()
    .where("id", "!=", personId)
    .where("disabled", "=", 0)
    .where("roles", "like", '%"administrator"%')
    .execute();
  return others.some(manages);
}
