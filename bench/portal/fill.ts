// Fills a portal's database as a large institution would in years: people, devices, requests, grants, a chained record.

import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CHAIN_START, type ChainPosition, recordOf } from "../../src/domain/audit-chain.ts";
import { headValue } from "../../src/portal/audit/append.ts";
import { rootKeyOf } from "../../src/portal/root-key.ts";
import { keyThumbprint } from "../../src/wire/api/key-thumbprint.ts";

export type Scale = { readonly people: number; readonly requests: number; readonly events: number };

const DAY_MS = 86_400_000;
const TOPICS = ["climate", "genome", "corpus", "maps", "images", "survey", "telescope", "kernel", "archive", "model"];

/** The schema is there already: the portal made it. `pending`: how many of the newest requests nobody decided. */
export function fill(dataDir: string, scale: Scale, pending: number): void {
  const database = new DatabaseSync(join(dataDir, "portal", "portal.db"));
  database.exec("PRAGMA synchronous = OFF");
  database.exec("BEGIN");
  fillPeople(database, scale.people);
  fillRequests(database, scale, pending);
  fillRecord(database, dataDir, scale);
  database.exec("COMMIT");
  database.exec("ANALYZE");
  database.close();
}

function fillPeople(database: DatabaseSync, count: number): void {
  const person = database.prepare(
    "insert into person (id, login, name, email, roles, disabled, human_id, password, created_at_ms) values (?, ?, ?, null, ?, 0, ?, null, ?)",
  );
  const device = database.prepare(
    "insert into device (id, person_id, name, platform, public_key, key_thumbprint, state, joined_at_ms) values (?, ?, ?, 'linux', ?, ?, 'active', ?)",
  );
  const { publicKey } = generateKeyPairSync("ed25519");
  const { kty = "", crv = "", x = "" } = publicKey.export({ format: "jwk" });
  for (let index = 0; index < count; index++) {
    const roles = index % 100 === 0 ? '["member","reviewer"]' : '["member"]';
    person.run(`P-${index}`, `user${index}`, `Person ${index}`, roles, `H-${index}`, index);
    const thumbprint = createHash("sha256")
      .update(`${keyThumbprint({ kty, crv, x })}${index}`)
      .digest("base64url");
    device.run(`D-${index}`, `P-${index}`, `Computer ${index}`, JSON.stringify({ kty, crv, x }), thumbprint, index);
  }
}

function fillRequests(database: DatabaseSync, { people, requests }: Scale, pending: number): void {
  const request = database.prepare(`insert into request
    (person_id, device_id, direction, application, swarm, info_hash_v1, name, total_bytes, reason, duration_seconds,
     policy_version, policy_rule, policy_why, approvals_needed, state, version, asked_at_ms, lapses_at_ms,
     decided_at_ms, decided_by, decided_why, grant_id)
    values (?, ?, 'download', 'bittorrent', 'open', ?, ?, ?, ?, 604800, '2026-1', 'default', 'Looked at.', 1, ?, 1, ?, ?, ?, ?, ?, ?)`);
  const found = database.prepare("insert into request_search (rowid, text) values (?, ?)");
  const history = database.prepare(
    "insert into request_history (number, version, at_ms, actor, action, reason) values (?, 1, ?, ?, ?, ?)",
  );
  const grant = database.prepare(`insert into "grant"
    (id, number, person_id, device_id, direction, application, swarm, info_hash_v1, name, total_bytes, state, claims, jws,
     starts_at_ms, expires_at_ms)
    values (?, ?, ?, ?, 'download', 'bittorrent', 'open', ?, ?, ?, ?, '{}', 'x', ?, ?)`);
  const nowMs = Date.now();
  for (let number = 1; number <= requests; number++) {
    const owner = (number * 7919) % people;
    const hash = createHash("sha1").update(`${number}`).digest("hex");
    const name = `${TOPICS[number % TOPICS.length]}-dataset-${number}.tar`;
    const reason = `Needed for project ${number % 977} of group ${number % 53}`;
    const askedMs = nowMs - (requests - number) * 60_000;
    const waiting = number > requests - pending;
    const denied = !waiting && number % 5 === 0;
    const state = waiting ? "pending" : denied ? "denied" : "approved";
    const grantId = state === "approved" ? `G-${number}` : null;
    const decided = waiting ? null : askedMs + 3_600_000;
    const search = `${name} ${hash} ${reason} person ${owner}`;
    const lapsesMs = waiting ? nowMs + 30 * DAY_MS : askedMs + 30 * DAY_MS;
    const decision = [decided, waiting ? null : "P-0", waiting ? null : "Fine.", grantId] as const;
    request.run(`P-${owner}`, `D-${owner}`, hash, name, number * 1_000, reason, state, askedMs, lapsesMs, ...decision);
    found.run(number, search);
    history.run(number, askedMs, `P-${owner}`, "asked", reason);
    if (grantId === null || decided === null) continue;
    history.run(number, decided, "P-0", "approved", "Fine.");
    const expiresMs = decided + 7 * DAY_MS;
    const grantState = expiresMs > nowMs ? "active" : "expired";
    grant.run(grantId, number, `P-${owner}`, `D-${owner}`, hash, name, number * 1_000, grantState, decided, expiresMs);
  }
}

function fillRecord(database: DatabaseSync, dataDir: string, { events, people, requests }: Scale): void {
  const insert = database.prepare(
    "insert into audit (n, at_ms, actor, action, subject, body, hash) values (?, ?, ?, ?, ?, ?, ?)",
  );
  database.exec("delete from audit");
  let hash = CHAIN_START;
  for (let n = 1; n <= events; n++) {
    const actor = `P-${(n * 31) % people}`;
    const subject = `R-${(n % requests) + 1}`;
    const event = { n, atMs: n, actor, action: "request.filed", subject, data: { name: `part ${n}` } } as const;
    const record = recordOf(event, hash);
    hash = record.hash;
    insert.run(n, n, actor, event.action, subject, record.body, hash);
  }
  const path = join(dataDir, "portal", "root.key");
  // The signed head must tell of the new end; the portal's own key signs it.
  const key = createPrivateKey(readFileSync(path));
  writeHead(database, { n: events, hash }, key);
}

function writeHead(database: DatabaseSync, position: ChainPosition, key: KeyObject): void {
  const value = headValue(position, rootKeyOf(key));
  database
    .prepare(
      "insert into meta (key, value) values ('audit_head', ?) on conflict (key) do update set value = excluded.value",
    )
    .run(value);
}
