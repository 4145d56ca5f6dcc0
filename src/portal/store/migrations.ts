// The schema, as steps that are applied once each and never edited afterwards.

import { type Kysely, sql } from "kysely";
import type { Tables } from "./tables.ts";

const ASKED = `
  person_id text not null references person(id),
  device_id text not null references device(id),
  direction text not null,
  application text not null,
  swarm text not null,
  torrent_id text references torrent(id),
  info_hash_v1 text,
  info_hash_v2 text,
  name text not null,
  total_bytes bigint`;

const FIRST = `
create table meta (key text primary key, value text not null);
create table person (
  id text primary key,
  login text not null unique,
  name text not null,
  email text,
  roles text not null,
  disabled integer not null,
  human_id text not null,
  password text,
  created_at_ms bigint not null
);
create index person_human on person (human_id);
create table session (
  token_hash text primary key,
  person_id text not null references person(id),
  created_at_ms bigint not null,
  last_seen_at_ms bigint not null,
  expires_at_ms bigint not null
);
create index session_person on session (person_id);
create index session_expiry on session (expires_at_ms);
create table one_time_token (
  token_hash text primary key,
  purpose text not null,
  person_id text not null references person(id),
  expires_at_ms bigint not null,
  used_at_ms bigint
);
create index one_time_token_expiry on one_time_token (expires_at_ms);
create table device (
  id text primary key,
  person_id text not null references person(id),
  name text not null,
  platform text not null,
  public_key text not null,
  key_thumbprint text not null unique,
  state text not null,
  joined_at_ms bigint not null,
  last_seen_at_ms bigint
);
create index device_person on device (person_id);
create table torrent (
  id text primary key,
  info_hash_v1 text,
  info_hash_v2 text,
  summary text not null,
  file blob,
  magnet text,
  added_at_ms bigint not null,
  suggestion text
);
create index torrent_suggestion on torrent (added_at_ms) where suggestion is not null;
create table torrent_viewer (
  torrent_id text not null references torrent(id),
  person_id text not null references person(id),
  primary key (torrent_id, person_id)
);
create table request (
  number integer primary key autoincrement,
  ${ASKED},
  reason text not null,
  duration_seconds bigint not null,
  policy_version text not null,
  policy_rule text not null,
  policy_why text not null,
  approvals_needed integer not null,
  state text not null,
  version integer not null,
  question text,
  asked_at_ms bigint not null,
  lapses_at_ms bigint not null,
  decided_at_ms bigint,
  decided_by text,
  decided_why text,
  grant_id text
);
create index request_person on request (person_id, number);
create index request_person_state on request (person_id, state, number);
create index request_state on request (state, number);
create index request_device on request (device_id, state);
create index request_lapse on request (lapses_at_ms) where state = 'pending';
create index request_v1 on request (info_hash_v1);
create index request_v2 on request (info_hash_v2);
create virtual table request_search using fts5 (text, tokenize = 'trigram');
create table request_history (
  id integer primary key autoincrement,
  number integer not null references request(number),
  version integer not null,
  at_ms bigint not null,
  actor text not null,
  action text not null,
  reason text not null
);
create index request_history_number on request_history (number, id);
create table vote (
  number integer not null references request(number),
  version integer not null,
  human_id text not null,
  person_id text not null references person(id),
  at_ms bigint not null,
  narrow text not null,
  primary key (number, version, human_id)
);
create table "grant" (
  seq integer primary key autoincrement,
  id text not null unique,
  number integer not null references request(number),
  ${ASKED},
  state text not null,
  claims text not null,
  jws text not null,
  starts_at_ms bigint not null,
  expires_at_ms bigint not null,
  ended_at_ms bigint,
  ended_by text,
  ended_why text,
  revocation_kind text,
  tracker_key text unique
);
create index grant_number on "grant" (number);
create index grant_person on "grant" (person_id, seq);
create index grant_state on "grant" (state, seq);
create index grant_device on "grant" (device_id, state);
create index grant_expiry on "grant" (expires_at_ms) where state = 'active';
create index grant_revoked on "grant" (expires_at_ms) where revocation_kind is not null;
create table transfer (
  seq integer primary key autoincrement,
  id text not null unique,
  grant_id text not null unique references "grant"(id),
  person_id text not null,
  device_id text not null,
  state text not null,
  why text not null,
  report text not null,
  started_at_ms bigint not null,
  updated_at_ms bigint not null
);
create index transfer_person on transfer (person_id, seq);
create index transfer_state on transfer (state, seq);
create table verdict (
  id integer primary key autoincrement,
  sha256 text not null,
  pieces_root text,
  bytes bigint not null,
  file_name text not null,
  verdict text not null,
  engine text not null,
  signatures text not null,
  why text not null,
  grant_id text not null references "grant"(id),
  device_id text not null references device(id),
  at_ms bigint not null
);
create index verdict_sha256 on verdict (sha256, id);
create index verdict_root on verdict (pieces_root, id) where pieces_root is not null;
create index verdict_grant on verdict (grant_id, id);
create table quarantine (
  device_id text not null references device(id),
  entry_id text not null,
  grant_id text not null references "grant"(id),
  person_id text not null,
  entry text not null,
  sha256 text,
  pieces_root text,
  held_since_ms bigint not null,
  updated_at_ms bigint not null,
  primary key (device_id, entry_id)
);
create index quarantine_held on quarantine (held_since_ms, device_id, entry_id);
create index quarantine_sha256 on quarantine (sha256) where sha256 is not null;
create index quarantine_root on quarantine (pieces_root) where pieces_root is not null;
create table command (
  id text primary key,
  device_id text not null references device(id),
  grant_id text not null references "grant"(id),
  command text not null,
  at_ms bigint not null,
  delivered_at_ms bigint
);
create index command_waiting on command (device_id, at_ms) where delivered_at_ms is null;
create table idempotency (
  owner text not null,
  key text not null,
  body_hash text not null,
  subject text not null,
  at_ms bigint not null,
  primary key (owner, key)
);
create index idempotency_age on idempotency (at_ms);
create table audit (
  n integer primary key,
  at_ms bigint not null,
  actor text not null,
  action text not null,
  subject text not null,
  body text not null,
  hash text not null
);
create index audit_actor on audit (actor, n);
create index audit_subject on audit (subject, n);
create index audit_action on audit (action, n);
`;

const MIGRATIONS: readonly string[] = [FIRST];

/** Brings the schema to the newest step. Refuses a database that a newer version wrote. */
export async function migrate(database: Kysely<Tables>): Promise<"done" | "newer"> {
  await sql`create table if not exists schema_step (step integer primary key)`.execute(database);
  const { rows } = await sql<{ step: number | null }>`select max(step) as step from schema_step`.execute(database);
  const applied = rows[0]?.step ?? 0;
  if (applied > MIGRATIONS.length) return "newer";
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < applied) continue;
    await database.transaction().execute(async (tx) => {
      for (const statement of step.split(";")) {
        if (statement.trim() !== "") await sql.raw(statement).execute(tx);
      }
      await sql`insert into schema_step (step) values (${index + 1})`.execute(tx);
    });
  }
  return "done";
}
