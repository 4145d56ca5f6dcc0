// The record, as reviewers read it and as programs check it.

import { type Static, Type } from "typebox";
import { AUDIT_ACTIONS } from "../../../domain/audit.ts";
import { AtMs, Cursor, exact, Limit, NextCursor, Text } from "./field.ts";

export const AuditRecord = Type.Object(
  {
    n: Type.Integer({ minimum: 1 }),
    atMs: AtMs,
    actor: Type.String(),
    actorName: Type.String(),
    action: Type.Enum([...AUDIT_ACTIONS]),
    subject: Type.String(),
    data: Type.Record(Type.String(), Type.Unknown()),
    hash: Type.String(),
  },
  exact,
);
export type AuditRecord = Static<typeof AuditRecord>;

export const AuditQuery = Type.Object(
  { q: Type.Optional(Text(100)), cursor: Type.Optional(Cursor), limit: Type.Optional(Limit) },
  exact,
);
export type AuditQuery = Static<typeof AuditQuery>;

/** Newest first. */
export const AuditPage = Type.Object(
  { records: Type.Array(AuditRecord), nextCursor: NextCursor, total: Type.Integer() },
  exact,
);
export type AuditPage = Static<typeof AuditPage>;

export const AuditCheckpointReply = Type.Object({ n: Type.Integer(), hash: Type.String(), jws: Type.String() }, exact);
export type AuditCheckpointReply = Static<typeof AuditCheckpointReply>;

export const AuditExportQuery = Type.Object({ format: Type.Enum(["jsonl", "csv"], { default: "jsonl" }) }, exact);
