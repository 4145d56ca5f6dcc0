// The record: every change is an event, and each event carries the hash of the one before it.

export const AUDIT_ACTIONS = [
  "portal.started",
  "person.created",
  "person.changed",
  "person.disabled",
  "person.enabled",
  "person.linked",
  "person.password_changed",
  "person.link_issued",
  "session.opened",
  "session.refused",
  "session.closed",
  "device.token_issued",
  "device.joined",
  "device.removed",
  "torrent.uploaded",
  "request.filed",
  "request.edited",
  "request.questioned",
  "request.vote_cast",
  "request.approved",
  "request.denied",
  "request.withdrawn",
  "request.lapsed",
  "grant.issued",
  "grant.revoked",
  "grant.returned",
  "grant.expired",
  "transfer.changed",
  "transfer.commanded",
  "verdict.reported",
  "quarantine.reported",
  "policy.changed",
  "audit.exported",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Only what survives JSON unchanged may be recorded: the hash is over the text. */
export type AuditData = { readonly [key: string]: string | number | boolean | null | readonly string[] };

export type AuditEvent = {
  /** 1, 2, 3 … without a gap. */
  readonly n: number;
  readonly atMs: number;
  /** A person id, a device id, or "portal". */
  readonly actor: string;
  readonly action: AuditAction;
  /** What it happened to: a request, grant, person, device, torrent. */
  readonly subject: string;
  readonly data: AuditData;
};

/** A signed statement that event `n` had this hash: kept elsewhere, it proves that the tail was not cut. */
export type AuditCheckpoint = { readonly v: 1; readonly n: number; readonly hash: string; readonly iat: number };
