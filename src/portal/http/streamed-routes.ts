// The routes whose body or reply is bytes: torrents up and down, the record as a file.

import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Value } from "typebox/value";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { MagnetUpload, TORRENT_MEDIA_TYPE } from "../../wire/api/v1/torrent.ts";
import { readPosition } from "../audit/append.ts";
import { exportAudit } from "../audit/export.ts";
import type { Caller } from "../caller.ts";
import { commit } from "../commit.ts";
import type { Core } from "../core.ts";
import { addTorrent, type TorrentSource, visibleTorrent } from "../torrents/torrent.ts";
import { sendFailure } from "./problem-reply.ts";

export async function receiveTorrent(core: Core, caller: Caller, request: FastifyRequest, reply: FastifyReply) {
  const source = sourceOf(request.body);
  if (!source.ok) return sendFailure(reply, source.error);
  const added = await addTorrent(core, caller, source.value);
  return added.ok ? reply.send(added.value) : sendFailure(reply, added.error);
}

function sourceOf(body: unknown): Result<TorrentSource, Failure> {
  if (body instanceof Uint8Array && body.length > 0) return ok({ kind: "file", bytes: body });
  if (Value.Check(MagnetUpload, body)) return ok({ kind: "magnet", link: body.magnet });
  return err(failure("portal.body_wrong", { detail: "send the bytes of a torrent, or {magnet} as JSON" }));
}

export async function sendTorrent(core: Core, caller: Caller, id: string, reply: FastifyReply) {
  const torrent = await visibleTorrent(core.database, caller, id);
  if (!torrent.ok) return sendFailure(reply, torrent.error);
  const { file, magnet, summary } = torrent.value;
  if (file === null) return reply.send({ magnet });
  return reply
    .type(TORRENT_MEDIA_TYPE)
    .header("content-disposition", attachment(`${summary.name}.torrent`))
    .send(Buffer.from(file));
}

export async function sendAudit(core: Core, caller: Caller, format: "jsonl" | "csv", reply: FastifyReply) {
  const { personId } = caller.person;
  await commit(core, personId, async (act) => {
    act.record("audit.exported", personId, { format });
    return ok();
  });
  const { n } = await readPosition(core.database);
  const name = `swarmgate-audit.${format}`;
  return reply
    .type(format === "csv" ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8")
    .header("content-disposition", attachment(name))
    .send(Readable.from(exportAudit(core.database, format, n)));
}

/**
 * HOSTILE 170: the plain name keeps letters, digits, dot, dash and underscore, never begins with a dot, and the full
 * name follows in the encoding of RFC 8187, in which no quote, slash or line feed can stand.
 */
export function attachment(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._-]+/g, "_").replace(/^[._]+/, "") || "download";
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const encoded = encodeURIComponent(last.toWellFormed()).replaceAll(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain.slice(0, 150)}"; filename*=UTF-8''${encoded}`;
}
