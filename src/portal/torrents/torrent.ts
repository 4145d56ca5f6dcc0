// Torrents that people showed to the portal: read once, kept as they came, seen by those who showed them.

import { createHash } from "node:crypto";
import type { Kysely, Selectable } from "kysely";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Suggestions, Torrent, TorrentSummary } from "../../wire/api/v1/torrent.ts";
import { actorOf, type Caller, can } from "../caller.ts";
import { type Act, commit } from "../commit.ts";
import type { Core } from "../core.ts";
import type { Tables, TorrentTable } from "../store/tables.ts";
import { magnetSummary, torrentSummary } from "./summary.ts";

export type TorrentSource =
  | { readonly kind: "file"; readonly bytes: Uint8Array }
  | { readonly kind: "magnet"; readonly link: string };

const SUGGESTIONS_MAX = 50;

export async function addTorrent(core: Core, caller: Caller, source: TorrentSource): Promise<Result<Torrent, Failure>> {
  const summary = read(source);
  if (!summary.ok) return summary;
  return commit(core, actorOf(caller), async (act) => {
    const torrentId = await keepTorrent(act, source, summary.value);
    const { personId } = caller.person;
    await act.tx
      .insertInto("torrent_viewer")
      .values({ torrent_id: torrentId, person_id: personId })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    act.record("torrent.uploaded", torrentId, { name: summary.value.name, person: personId });
    return ok({ torrentId, summary: summary.value });
  });
}

/** Offered to everybody on the home page; `says` is the sentence beside it. */
export async function suggestTorrent(
  core: Core,
  source: TorrentSource,
  says: string,
): Promise<Result<string, Failure>> {
  const summary = read(source);
  if (!summary.ok) return summary;
  return commit(core, "portal", async (act) => {
    const id = await keepTorrent(act, source, summary.value);
    await act.tx.updateTable("torrent").set({ suggestion: says }).where("id", "=", id).execute();
    return ok(id);
  });
}

export async function listSuggestions(tx: Kysely<Tables>): Promise<Suggestions> {
  const rows = await tx
    .selectFrom("torrent")
    .select(["id", "summary", "suggestion"])
    .where("suggestion", "is not", null)
    .orderBy("added_at_ms", "desc")
    .limit(SUGGESTIONS_MAX)
    .execute();
  return {
    suggestions: rows.map((row) => {
      const { name, totalBytes } = summaryOf(row);
      return { torrentId: row.id, name, says: row.suggestion ?? "", totalBytes };
    }),
  };
}

export type StoredTorrent = Torrent & Pick<Selectable<TorrentTable>, "file" | "magnet">;

/** Those who showed it, those it is suggested to, and those who decide about it may see it. */
export async function visibleTorrent(
  tx: Kysely<Tables>,
  caller: Caller,
  id: string,
): Promise<Result<StoredTorrent, Failure>> {
  const row = await tx.selectFrom("torrent").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined || !(await maySeeTorrent(tx, caller, row))) {
    return err(failure("portal.thing_unknown", { what: "torrent", id }));
  }
  return ok({ torrentId: row.id, summary: summaryOf(row), file: row.file, magnet: row.magnet });
}

export function summaryOf(row: Pick<Selectable<TorrentTable>, "summary">): TorrentSummary {
  const summary: TorrentSummary = JSON.parse(row.summary);
  return summary;
}

async function maySeeTorrent(tx: Kysely<Tables>, caller: Caller, row: Selectable<TorrentTable>): Promise<boolean> {
  if (row.suggestion !== null || can(caller, "decide")) return true;
  const viewer = await tx
    .selectFrom("torrent_viewer")
    .select("person_id")
    .where("torrent_id", "=", row.id)
    .where("person_id", "=", caller.person.personId)
    .executeTakeFirst();
  return viewer !== undefined;
}

function read(source: TorrentSource): Result<TorrentSummary, Failure> {
  return source.kind === "file" ? torrentSummary(source.bytes) : magnetSummary(source.link);
}

// The id is the hash of what came: the same file twice is one row.
async function keepTorrent(act: Act, source: TorrentSource, summary: TorrentSummary): Promise<string> {
  const bytes = source.kind === "file" ? source.bytes : Buffer.from(source.link);
  const id = `T-${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}`;
  await act.tx
    .insertInto("torrent")
    .values({
      id,
      info_hash_v1: summary.infoHashV1,
      info_hash_v2: summary.infoHashV2,
      summary: JSON.stringify(summary),
      file: source.kind === "file" ? source.bytes : null,
      magnet: source.kind === "magnet" ? source.link : null,
      added_at_ms: act.nowMs,
      suggestion: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return id;
}
