// A person as stored, as the API shows one, and as a caller.

import type { Kysely, Selectable } from "kysely";
import { isRole, type Role } from "../../domain/person.ts";
import type { Person } from "../../wire/api/v1/person.ts";
import type { PersonCaller } from "../caller.ts";
import type { PersonTable, Tables } from "../store/tables.ts";

export type PersonRow = Selectable<PersonTable>;

export function rolesOf(row: Pick<PersonRow, "roles">): Role[] {
  const stored: unknown = JSON.parse(row.roles);
  return Array.isArray(stored) ? stored.filter((role): role is Role => typeof role === "string" && isRole(role)) : [];
}

export function personOf(row: PersonRow): Person {
  const { id, login, name, email } = row;
  return {
    id,
    login,
    name,
    email,
    roles: rolesOf(row),
    disabled: row.disabled === 1,
    humanId: row.human_id,
    createdAtMs: row.created_at_ms,
  };
}

export function callerPerson(row: PersonRow): PersonCaller["person"] {
  return { personId: row.id, humanId: row.human_id, name: row.name, roles: rolesOf(row) };
}

export function findPerson(tx: Kysely<Tables>, id: string): Promise<PersonRow | undefined> {
  return tx.selectFrom("person").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Names for ids of people and devices, as lists show them; an id without a name stays itself. */
export async function namesOf(tx: Kysely<Tables>, ids: Iterable<string>): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(ids)];
  const names = new Map(wanted.map((id) => [id, id === "portal" ? "Swarmgate" : id]));
  const people = wanted.filter((id) => id.startsWith("P-"));
  const devices = wanted.filter((id) => id.startsWith("D-"));
  if (people.length > 0) {
    const rows = await tx.selectFrom("person").select(["id", "name"]).where("id", "in", people).execute();
    for (const row of rows) names.set(row.id, row.name);
  }
  if (devices.length > 0) {
    const rows = await tx.selectFrom("device").select(["id", "name"]).where("id", "in", devices).execute();
    for (const row of rows) names.set(row.id, row.name);
  }
  return names;
}
