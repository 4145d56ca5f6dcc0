// What scanners found, and what lies in quarantine.

import { type Static, Type } from "typebox";
import { AtMs, Bytes, Cursor, exact, Id, Limit, Named, NextCursor, Sha256, Text, VerdictResult } from "./field.ts";

const Finding = {
  sha256: Sha256,
  /** BEP 52: the root of the file's merkle tree, for v2 and hybrid torrents. */
  piecesRoot: Type.Union([Sha256, Type.Null()]),
  bytes: Bytes,
  fileName: Text(512),
  verdict: VerdictResult,
  engine: Text(64),
  signatures: Text(64),
  why: Text(500),
};

export const VerdictReport = Type.Object({ grantId: Id, ...Finding }, exact);
export type VerdictReport = Static<typeof VerdictReport>;

export const VerdictReports = Type.Object({ verdicts: Type.Array(VerdictReport, { maxItems: 1_000 }) }, exact);
export type VerdictReports = Static<typeof VerdictReports>;

export const Verdict = Type.Object({ ...Finding, atMs: AtMs }, exact);
export type Verdict = Static<typeof Verdict>;

export const VerdictQuery = Type.Object({ sha256: Type.Optional(Sha256), piecesRoot: Type.Optional(Sha256) }, exact);
/** Newest first. */
export const Verdicts = Type.Object({ verdicts: Type.Array(Verdict) }, exact);
export type Verdicts = Static<typeof Verdicts>;

const Held = {
  /** The device's own name for the entry. */
  entryId: Id,
  grantId: Id,
  fileName: Text(512),
  bytes: Bytes,
  sha256: Type.Union([Sha256, Type.Null()]),
  piecesRoot: Type.Union([Sha256, Type.Null()]),
  state: Type.Enum(["fetching", "held", "scanning", "released", "infected", "suspicious", "unscanned", "destroyed"]),
  why: Text(500),
  heldSinceMs: AtMs,
};

/** The whole quarantine of a device, replacing what it reported before. */
export const QuarantineReport = Type.Object(
  { entries: Type.Array(Type.Object(Held, exact), { maxItems: 10_000 }) },
  exact,
);
export type QuarantineReport = Static<typeof QuarantineReport>;

export const QuarantineEntry = Type.Object(
  { ...Held, requestId: Id, person: Named, device: Named, updatedAtMs: AtMs },
  exact,
);
export type QuarantineEntry = Static<typeof QuarantineEntry>;

export const QuarantineQuery = Type.Object(
  {
    scope: Type.Enum(["mine", "all"], { default: "mine" }),
    cursor: Type.Optional(Cursor),
    limit: Type.Optional(Limit),
  },
  exact,
);
export const QuarantinePage = Type.Object(
  { entries: Type.Array(QuarantineEntry), nextCursor: NextCursor, total: Type.Integer() },
  exact,
);
export type QuarantinePage = Static<typeof QuarantinePage>;
