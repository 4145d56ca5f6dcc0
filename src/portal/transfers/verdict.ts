// What scanners found. One bad verdict reaches every device that holds the same bytes, whoever scanned them first.

import type { Kysely, Selectable } from "kysely";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { ReportReply } from "../../wire/api/v1/transfer.ts";
import type { Verdict, VerdictReport, VerdictReports, Verdicts } from "../../wire/api/v1/verdict.ts";
import type { DeviceCaller } from "../caller.ts";
import { type Act, commit } from "../commit.ts";
import type { Core } from "../core.ts";
import type { Tables, VerdictTable } from "../store/tables.ts";
import { ownGrants } from "./own-grants.ts";

const VERDICTS_SHOWN_MAX = 100;
const HOLDERS_TOLD_MAX = 10_000;

type Content = { readonly sha256: string; readonly piecesRoot: string | null };

export function reportVerdicts(
  core: Core,
  caller: DeviceCaller,
  { verdicts }: VerdictReports,
): Promise<Result<ReportReply, Failure>> {
  return commit(core, caller.deviceId, async (act) => {
    const grants = await ownGrants(
      act.tx,
      caller,
      verdicts.map((report) => report.grantId),
    );
    let accepted = 0;
    for (const report of verdicts) {
      if (!grants.has(report.grantId)) continue;
      await keepVerdict(act, caller, report);
      accepted++;
    }
    return ok({ accepted, refused: verdicts.length - accepted });
  });
}

async function keepVerdict(act: Act, caller: DeviceCaller, report: VerdictReport): Promise<void> {
  const known = await worstKnown(act.tx, report);
  await act.tx
    .insertInto("verdict")
    .values({
      sha256: report.sha256,
      pieces_root: report.piecesRoot,
      bytes: report.bytes,
      file_name: report.fileName,
      verdict: report.verdict,
      engine: report.engine,
      signatures: report.signatures,
      why: report.why,
      grant_id: report.grantId,
      device_id: caller.deviceId,
      at_ms: act.nowMs,
    })
    .execute();
  const { sha256, verdict, engine, why, grantId } = report;
  act.record("verdict.reported", sha256, { verdict, engine, why, grant: grantId, person: caller.person.personId });
  const event = { type: "verdict", sha256, piecesRoot: report.piecesRoot, fileName: report.fileName } as const;
  act.push({ people: [caller.person.personId], ability: "see-all-transfers" }, { ...event, verdict, why, grantId });
  if (isBad(verdict)) {
    for (const holder of await holdersOf(act.tx, report)) {
      if (holder.device_id === caller.deviceId) continue;
      act.push(
        { devices: [holder.device_id], people: [holder.person_id] },
        { ...event, verdict, why, grantId: holder.grant_id },
      );
    }
  } else if (known !== undefined) {
    // Somebody else's scanner knew better: this device is told at once.
    const { verdict: worse, why: reason } = known;
    act.push({ devices: [caller.deviceId] }, { ...event, verdict: worse, why: reason, grantId });
  }
}

function isBad(verdict: Verdict["verdict"]): boolean {
  return verdict === "infected" || verdict === "suspicious";
}

function sameContent(tx: Kysely<Tables>, { sha256, piecesRoot }: Content) {
  return tx
    .selectFrom("verdict")
    .where((where) =>
      where.or([
        where("verdict.sha256", "=", sha256),
        ...(piecesRoot === null ? [] : [where("verdict.pieces_root", "=", piecesRoot)]),
      ]),
    );
}

function worstKnown(tx: Kysely<Tables>, content: Content): Promise<Selectable<VerdictTable> | undefined> {
  return sameContent(tx, content)
    .selectAll()
    .where("verdict", "in", ["infected", "suspicious"])
    .orderBy("verdict", "asc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** Devices that scanned the same bytes, or have them in quarantine. */
async function holdersOf(tx: Kysely<Tables>, content: Content) {
  const scanned = await sameContent(tx, content)
    .innerJoin("grant", "grant.id", "verdict.grant_id")
    .select(["verdict.device_id", "verdict.grant_id", "grant.person_id"])
    .distinct()
    .limit(HOLDERS_TOLD_MAX)
    .execute();
  const { sha256, piecesRoot } = content;
  const held = await tx
    .selectFrom("quarantine")
    .select(["device_id", "grant_id", "person_id"])
    .distinct()
    .where((where) =>
      where.or([where("sha256", "=", sha256), ...(piecesRoot === null ? [] : [where("pieces_root", "=", piecesRoot)])]),
    )
    .limit(HOLDERS_TOLD_MAX)
    .execute();
  return new Map([...scanned, ...held].map((holder) => [`${holder.device_id} ${holder.grant_id}`, holder])).values();
}

export async function listVerdicts(
  tx: Kysely<Tables>,
  query: { readonly sha256?: string; readonly piecesRoot?: string },
): Promise<Result<Verdicts, Failure>> {
  const { sha256, piecesRoot } = query;
  if (sha256 === undefined && piecesRoot === undefined) {
    return err(failure("portal.body_wrong", { detail: "give sha256 or piecesRoot" }));
  }
  let rows = tx.selectFrom("verdict").selectAll().orderBy("id", "desc").limit(VERDICTS_SHOWN_MAX);
  if (sha256 !== undefined) rows = rows.where("sha256", "=", sha256);
  if (piecesRoot !== undefined) rows = rows.where("pieces_root", "=", piecesRoot);
  return ok({
    verdicts: (await rows.execute()).map((row) => ({
      sha256: row.sha256,
      piecesRoot: row.pieces_root,
      bytes: row.bytes,
      // The name is another person's: what was found about the bytes is for everybody, what they were called is not.
      fileName: "",
      verdict: row.verdict,
      engine: row.engine,
      signatures: row.signatures,
      why: row.why,
      atMs: row.at_ms,
    })),
  });
}
