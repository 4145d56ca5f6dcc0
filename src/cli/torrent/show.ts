// `swarmgate torrent show`.

import { FailureError } from "../../base/failure.ts";
import { printable } from "../../base/printable.ts";
import { sayIgnored } from "../../domain/metainfo/magnet.ts";
import type { TorrentSummary } from "../../wire/api/v1/torrent.ts";
import { formatMagnet, isMagnet, parseMagnet } from "../../wire/metainfo/magnet.ts";
import { magnetOf, summaryOfMagnet, summaryOfTorrent } from "../../wire/metainfo/summary.ts";
import { sayBytes } from "../byte-count.ts";
import { type OutputOptions, printNote, printResult } from "../output.ts";
import { readTorrentFile } from "../torrent-file.ts";

export async function showTorrent(target: string, options: OutputOptions): Promise<void> {
  if (isMagnet(target)) {
    const magnet = parseMagnet(target);
    if (!magnet.ok) throw new FailureError(magnet.error);
    for (const ignored of magnet.value.ignored) printNote(sayIgnored(ignored), options);
    const summary = summaryOfMagnet(magnet.value);
    printResult(
      summary,
      [...linesOf(summary), "Files and sizes are known once peers have sent the metadata."].join("\n"),
      options,
    );
    return;
  }
  const torrent = await readTorrentFile(target);
  const summary = summaryOfTorrent(torrent);
  const extra = torrent.comment === undefined ? [] : [`comment       ${printable(torrent.comment)}`];
  const lines = [
    ...linesOf(summary),
    ...extra,
    `magnet        ${formatMagnet(magnetOf(torrent))}`,
    "",
    ...filesOf(summary),
  ];
  printResult(summary, lines.join("\n"), options);
}

function linesOf(summary: TorrentSummary): string[] {
  const rows: (readonly [string, string | number | null])[] = [
    ["name", printable(summary.name)],
    ["format", summary.format],
    ["size", summary.totalBytes === null ? null : `${sayBytes(summary.totalBytes)} (${summary.totalBytes} bytes)`],
    ["pieces", summary.pieceLength === null ? null : `of ${sayBytes(summary.pieceLength)}`],
    ["info-hash v1", summary.infoHashV1],
    ["info-hash v2", summary.infoHashV2],
    ...summary.trackers.map((url) => ["tracker", printable(url)] as const),
    ...summary.webSeeds.map((url) => ["web seed", printable(url)] as const),
    ["private", summary.private ? "yes" : null],
    ["closed swarm", summary.sslCert === null ? null : "yes: peers need a certificate of its root"],
  ];
  return rows.filter(([, value]) => value !== null).map(([label, value]) => `${label.padEnd(13)} ${value}`);
}

function filesOf(summary: TorrentSummary): string[] {
  const digits = `${summary.files.length - 1}`.length;
  return summary.files.map(
    (file, place) => `${`${place}`.padStart(digits)} ${sayBytes(file.bytes).padStart(10)}  ${file.path}`,
  );
}
