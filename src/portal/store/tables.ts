// The portal's tables as kysely types them. Times are milliseconds since the epoch, JSON lies in text.

import type { Generated } from "kysely";
import type { AuditAction } from "../../domain/audit.ts";
import type { Application, Direction, GrantState, RevocationKind, SwarmKind } from "../../domain/grant.ts";
import type { RequestAction, RequestState } from "../../domain/request.ts";
import type { TransferCommand, TransferState } from "../../domain/transfer.ts";
import type { Verdict } from "../../wire/api/v1/verdict.ts";

export type Tables = {
  person: PersonTable;
  session: SessionTable;
  one_time_token: OneTimeTokenTable;
  device: DeviceTable;
  torrent: TorrentTable;
  torrent_viewer: { torrent_id: string; person_id: string };
  request: RequestTable;
  /** The row's id is the request's number. */
  request_search: { rowid: number; text: string };
  request_history: RequestHistoryTable;
  vote: VoteTable;
  grant: GrantTable;
  transfer: TransferTable;
  verdict: VerdictTable;
  quarantine: QuarantineTable;
  command: CommandTable;
  idempotency: { owner: string; key: string; body_hash: string; subject: string; at_ms: number };
  audit: AuditTable;
  meta: { key: string; value: string };
};

export type PersonTable = {
  id: string;
  login: string;
  name: string;
  email: string | null;
  /** JSON list of roles. */
  roles: string;
  disabled: number;
  human_id: string;
  /** A PHC string, or null for people who sign in by link only. */
  password: string | null;
  created_at_ms: number;
};

export type SessionTable = {
  /** SHA-256 of the token: who reads the database cannot sign in. */
  token_hash: string;
  person_id: string;
  created_at_ms: number;
  last_seen_at_ms: number;
  expires_at_ms: number;
};

export type OneTimeTokenTable = {
  token_hash: string;
  purpose: "sign-in" | "join";
  person_id: string;
  expires_at_ms: number;
  used_at_ms: number | null;
};

export type DeviceTable = {
  id: string;
  person_id: string;
  name: string;
  platform: string;
  /** JSON of the public JWK. */
  public_key: string;
  key_thumbprint: string;
  state: "active" | "removed";
  joined_at_ms: number;
  last_seen_at_ms: number | null;
};

export type TorrentTable = {
  id: string;
  info_hash_v1: string | null;
  info_hash_v2: string | null;
  /** JSON of TorrentSummary. */
  summary: string;
  file: Uint8Array | null;
  magnet: string | null;
  added_at_ms: number;
  /** Why the institution suggests it; null for all others. */
  suggestion: string | null;
};

type Asked = {
  person_id: string;
  device_id: string;
  direction: Direction;
  application: Application;
  swarm: SwarmKind;
  torrent_id: string | null;
  info_hash_v1: string | null;
  info_hash_v2: string | null;
  name: string;
  total_bytes: number | null;
};

export type RequestTable = Asked & {
  number: Generated<number>;
  reason: string;
  duration_seconds: number;
  policy_version: string;
  policy_rule: string;
  policy_why: string;
  approvals_needed: number;
  state: RequestState;
  version: number;
  question: string | null;
  asked_at_ms: number;
  lapses_at_ms: number;
  decided_at_ms: number | null;
  decided_by: string | null;
  decided_why: string | null;
  grant_id: string | null;
};

export type RequestHistoryTable = {
  id: Generated<number>;
  number: number;
  version: number;
  at_ms: number;
  actor: string;
  action: RequestAction;
  reason: string;
};

export type VoteTable = {
  number: number;
  version: number;
  /** With number and version the key: one vote a human being, however many accounts. */
  human_id: string;
  person_id: string;
  at_ms: number;
  /** JSON of what the approver narrowed. */
  narrow: string;
};

export type GrantTable = Asked & {
  /** Rises: the order of the lists. */
  seq: Generated<number>;
  id: string;
  number: number;
  state: GrantState;
  claims: string;
  jws: string;
  starts_at_ms: number;
  expires_at_ms: number;
  ended_at_ms: number | null;
  ended_by: string | null;
  ended_why: string | null;
  revocation_kind: RevocationKind | null;
  tracker_key: string | null;
};

export type TransferTable = {
  seq: Generated<number>;
  id: string;
  grant_id: string;
  person_id: string;
  device_id: string;
  state: TransferState;
  why: string;
  /** JSON of the last TransferReport. */
  report: string;
  started_at_ms: number;
  updated_at_ms: number;
};

export type VerdictTable = {
  id: Generated<number>;
  sha256: string;
  pieces_root: string | null;
  bytes: number;
  file_name: string;
  verdict: Verdict["verdict"];
  engine: string;
  signatures: string;
  why: string;
  grant_id: string;
  device_id: string;
  at_ms: number;
};

export type QuarantineTable = {
  device_id: string;
  entry_id: string;
  grant_id: string;
  person_id: string;
  /** JSON of the reported entry. */
  entry: string;
  sha256: string | null;
  pieces_root: string | null;
  held_since_ms: number;
  updated_at_ms: number;
};

export type CommandTable = {
  id: string;
  device_id: string;
  grant_id: string;
  command: TransferCommand;
  at_ms: number;
  delivered_at_ms: number | null;
};

export type AuditTable = {
  n: number;
  at_ms: number;
  actor: string;
  action: AuditAction;
  subject: string;
  /** The canonical JSON that the hash is over. */
  body: string;
  hash: string;
};
