// The chain itself: what is hashed, in which order, and what a reader of a stored record must find.

import { createHash } from "node:crypto";
import type { AuditEvent } from "./audit.ts";
import { canonicalJson } from "./canonical-json.ts";

/** What stands before the first event. */
export const CHAIN_START = "0".repeat(64);

export type AuditRecord = {
  readonly n: number;
  /** Canonical JSON of the AuditEvent. */
  readonly body: string;
  /** Lowercase hexadecimal SHA-256 of the previous hash (as text) and the body. */
  readonly hash: string;
};

function chainHash(previousHash: string, body: string): string {
  return createHash("sha256").update(previousHash).update("\n").update(body).digest("hex");
}

export function recordOf(event: AuditEvent, previousHash: string): AuditRecord {
  const body = canonicalJson({ ...event });
  return { n: event.n, body, hash: chainHash(previousHash, body) };
}

export type ChainFault = {
  readonly n: number;
  readonly why: "missing" | "altered" | "unreadable" | "index_differs";
};

export type ChainPosition = { readonly n: number; readonly hash: string };

/** Checks one record against the one before it. The body's own number must be the record's. */
export function checkRecord(before: ChainPosition, record: AuditRecord): ChainFault | undefined {
  const n = before.n + 1;
  if (record.n !== n) return { n, why: "missing" };
  if (record.hash !== chainHash(before.hash, record.body)) return { n, why: "altered" };
  const event = eventOf(record.body);
  if (event === undefined || event.n !== n) return { n, why: "unreadable" };
  return undefined;
}

/** The event of a stored body; undefined unless it is the canonical text of one. */
export function eventOf(body: string): AuditEvent | undefined {
  try {
    const event: AuditEvent = JSON.parse(body);
    return typeof event === "object" && canonicalJson({ ...event }) === body ? event : undefined;
  } catch {
    return undefined;
  }
}
