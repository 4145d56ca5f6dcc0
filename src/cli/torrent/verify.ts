// `swarmgate torrent verify`.

import { failure } from "../../base/failure.ts";
import { entryOf, sentenceOf } from "../../domain/errors/table.ts";
import { type FileVerification, type Verification, verifyContent } from "../../engine/content/verify.ts";
import { type OutputOptions, printResult } from "../output.ts";
import { ProgressBar } from "../progress-bar.ts";
import { readTorrentFile } from "../torrent-file.ts";
import { CONTENT_WORLD } from "./world.ts";

export async function verifyTorrent(file: string, dir: string, options: OutputOptions, threads: number): Promise<void> {
  const torrent = await readTorrentFile(file);
  const bar = new ProgressBar("checking", options);
  const found = await verifyContent(
    torrent,
    dir,
    { threads, onProgress: (done, total) => bar.update(done, total) },
    CONTENT_WORLD,
  );
  bar.end();
  const problem = problemOf(found, dir);
  const verdict = problem ? sentenceOf(problem) : `All ${found.piecesTotal} pieces of ${torrent.name} are good.`;
  const lines = [...found.files.filter((entry) => entry.state !== "good").map(lineOf), verdict];
  printResult({ ok: problem === undefined, name: torrent.name, ...found }, lines.join("\n"), options);
  if (problem) process.exitCode = entryOf(problem.code).exit;
}

function problemOf(found: Verification, dir: string) {
  const missing = found.files.filter((file) => file.state === "missing");
  const [firstMissing] = missing;
  if (firstMissing) return failure("metainfo.data_missing", { files: missing.length, dir, path: firstMissing.path });
  const bad = found.files.find((file) => file.state !== "good");
  if (!bad && found.piecesGood === found.piecesTotal) return undefined;
  const piecesBad = found.piecesTotal - found.piecesGood;
  return failure("metainfo.data_wrong", { piecesBad, piecesTotal: found.piecesTotal, path: bad?.path ?? "?" });
}

function lineOf(file: FileVerification): string {
  const bad = file.state === "bad" ? ` (${file.piecesBad} pieces)` : "";
  return `${file.state.padEnd(12)} ${file.path}${bad}`;
}
