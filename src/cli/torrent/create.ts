// `swarmgate torrent create`.

import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { FailureError, failure } from "../../base/failure.ts";
import { authorTorrent } from "../../engine/content/author.ts";
import { usableUrl } from "../../wire/metainfo/announce-urls.ts";
import { formatMagnet } from "../../wire/metainfo/magnet.ts";
import { PIECE_BYTES_MAX, parseTorrent } from "../../wire/metainfo/parse.ts";
import { magnetOf, summaryOfTorrent } from "../../wire/metainfo/summary.ts";
import { parseBytes, sayBytes } from "../byte-count.ts";
import { type OutputOptions, printResult } from "../output.ts";
import { ProgressBar } from "../progress-bar.ts";
import { CONTENT_WORLD } from "./world.ts";

export type CreateOptions = OutputOptions & {
  readonly output?: string;
  readonly format: string;
  readonly pieceLength?: string;
  readonly tracker: readonly string[];
  readonly webSeed: readonly string[];
  readonly private?: boolean;
  readonly sslCert?: string;
  readonly comment?: string;
};

export async function createTorrent(path: string, options: CreateOptions, threads: number): Promise<void> {
  const authorOptions = await readOptions(options);
  const bar = new ProgressBar("hashing", options);
  const made = await authorTorrent(
    path,
    authorOptions,
    {
      threads,
      onProgress: (done, total) => bar.update(done, total),
    },
    CONTENT_WORLD,
  );
  bar.end();
  if (!made.ok) throw new FailureError(made.error);
  const { torrent, bytes } = made.value;
  const output = options.output ?? `${torrent.name}.torrent`;
  await writeTorrent(output, bytes);
  const text = [
    `${output}: ${torrent.format}, ${torrent.files.length === 1 ? "1 file" : `${torrent.files.length} files`}, ${sayBytes(torrent.totalBytes)}, pieces of ${sayBytes(torrent.pieceLengthBytes)}`,
    formatMagnet(magnetOf(torrent)),
  ].join("\n");
  printResult({ file: output, ...summaryOfTorrent(torrent) }, text, options);
}

async function readOptions(options: CreateOptions) {
  const { format } = options;
  if (format !== "v1" && format !== "v2" && format !== "hybrid") throw usage("--format is v1, v2 or hybrid");
  const pieceLengthBytes = options.pieceLength === undefined ? undefined : parseBytes(options.pieceLength);
  if (options.pieceLength !== undefined && (pieceLengthBytes === undefined || !isPieceLength(pieceLengthBytes))) {
    throw usage("--piece-length is a power of two from 16K to 128M");
  }
  const badTracker = options.tracker.find((url) => usableUrl(url, "tracker") === undefined);
  if (badTracker !== undefined) throw usage(`--tracker ${badTracker} is no http, https or udp URL`);
  const badSeed = options.webSeed.find((url) => usableUrl(url, "webSeed") === undefined);
  if (badSeed !== undefined) throw usage(`--web-seed ${badSeed} is no http or https URL`);
  return {
    format,
    pieceLengthBytes,
    trackers: options.tracker.map((url) => [url]),
    webSeeds: options.webSeed,
    private: options.private === true,
    sslCert: options.sslCert === undefined ? undefined : await readPem(options.sslCert),
    comment: options.comment,
  } as const;
}

function isPieceLength(bytes: number): boolean {
  return bytes >= 16 * 1024 && bytes <= PIECE_BYTES_MAX && Number.isInteger(Math.log2(bytes));
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, "latin1");
  } catch {
    throw new FailureError(failure("cli.file_missing", { path }));
  }
}

// A torrent may be written over, because making it again gives the same one; anything else is left alone.
async function writeTorrent(path: string, bytes: Uint8Array): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  const isTorrent = found?.isFile() === true && parseTorrent(await readFile(path)).ok;
  if (found && !isTorrent) throw new FailureError(failure("metainfo.output_taken", { path }));
  const temporary = `${path}.new`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
    const why = code === "ENOENT" ? "there is no such folder" : String(code ?? thrown);
    throw new FailureError(failure("cli.output_failed", { path, why }, thrown));
  }
}

function usage(detail: string): FailureError {
  return new FailureError(failure("cli.usage_wrong", { detail }));
}
