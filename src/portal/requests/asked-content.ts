// What a draft asks for: a torrent that the caller showed to the portal, or a description.

import type { Kysely } from "kysely";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Content } from "../../domain/grant.ts";
import type { RequestDraft } from "../../wire/api/v1/request.ts";
import type { Caller } from "../caller.ts";
import type { Tables } from "../store/tables.ts";
import { visibleTorrent } from "../torrents/torrent.ts";

export type AskedContent = { readonly content: Content; readonly torrentId: string | null };

export async function askedContent(
  tx: Kysely<Tables>,
  caller: Caller,
  draft: Pick<RequestDraft, "torrentId" | "described" | "application">,
): Promise<Result<AskedContent, Failure>> {
  const { torrentId, described, application } = draft;
  if ((torrentId === undefined) === (described === undefined)) {
    return missing("give either a torrent or a description");
  }
  if (torrentId !== undefined) {
    const torrent = await visibleTorrent(tx, caller, torrentId);
    if (!torrent.ok) return torrent;
    const { infoHashV1, infoHashV2, name, totalBytes } = torrent.value.summary;
    const content: Content = {
      ...(infoHashV1 === null ? {} : { infoHashV1 }),
      ...(infoHashV2 === null ? {} : { infoHashV2 }),
      name,
      ...(totalBytes === null ? {} : { totalBytes }),
    };
    return ok({ content, torrentId });
  }
  const content: Content = described ?? { name: "" };
  // A grant for BitTorrent without a hash would cover nothing: there is nothing to compare.
  if (application === "bittorrent" && content.infoHashV1 === undefined && content.infoHashV2 === undefined) {
    return missing("BitTorrent content is named by a torrent, a magnet link or an info-hash");
  }
  return ok({ content, torrentId: null });
}

function missing(detail: string): Result<never, Failure> {
  return err(failure("portal.content_missing", { detail }));
}
