// What a running transfer shows: event lines on stdout for programs, one live line on a terminal for people.

import { formatEndpoint } from "../../domain/address/endpoint.ts";
import { sentenceOf } from "../../domain/errors/table.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import type { Torrent, TorrentEvent, TorrentStatus } from "../../engine/contract.ts";
import { sayWhy } from "../../engine/why.ts";
import { sayBytes } from "../byte-count.ts";
import type { OutputOptions } from "../output.ts";

const BAR_CELLS = 25;

/** One JSON object a line. */
export function printEvent(event: Readonly<Record<string, unknown>>, options: OutputOptions): void {
  if (options.json) process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** The events of the contract as lines; pieces are too many to be told one by one. */
export function eventLine(event: TorrentEvent): Readonly<Record<string, unknown>> | undefined {
  switch (event.type) {
    case "metadata":
      return { event: "metadata", ...identity(event.metainfo) };
    case "checked":
      return { event: "checked", piecesDone: event.piecesDone, piecesTotal: event.piecesTotal };
    case "pieceFailed":
      return { event: "piece-failed", piece: event.piece };
    case "fileVerified":
      return { event: "file-verified", file: event.fileIndex };
    case "peerConnected":
      return { event: "peer-connected", peer: formatEndpoint(event.remote) };
    case "peerClosed":
      return { event: "peer-closed", peer: formatEndpoint(event.remote), why: event.why };
    case "peerBanned":
      return { event: "peer-banned", host: event.host, why: event.why };
    case "stopped":
      return { event: "stopped", code: event.why.code, message: sentenceOf(event.why) };
    case "resumed":
      return { event: "resumed" };
    case "pieceVerified":
    case "finished":
    case "closed":
      return undefined;
    default:
      return event satisfies never;
  }
}

export function identity(metainfo: Metainfo): Readonly<Record<string, unknown>> {
  const hex = (hash: Uint8Array | undefined) => (hash === undefined ? null : Buffer.from(hash).toString("hex"));
  return { name: metainfo.name, infoHashV1: hex(metainfo.infoHashV1), infoHashV2: hex(metainfo.infoHashV2) };
}

/** Redraws one line on the terminal's stderr; silent where nobody watches. */
export class LiveLine {
  readonly #shown: boolean;

  constructor(options: OutputOptions) {
    this.#shown = process.stderr.isTTY && !options.quiet;
  }

  show(torrent: Torrent): void {
    if (!this.#shown) return;
    const line = describe(torrent.status());
    process.stderr.write(`\r\u001b[2K${line.slice(0, Math.max(20, (process.stderr.columns ?? 80) - 1))}`);
  }

  end(): void {
    if (this.#shown) process.stderr.write("\r\u001b[2K");
  }
}

/** The state of a transfer in one line: how much, how fast, from whom, and why it is not faster. */
function describe(status: TorrentStatus): string {
  const { state } = status;
  switch (state.at) {
    case "metadata":
      return `Fetching the description: ${state.slow ? sayWhy(state.slow) : "receiving"}`;
    case "checking":
      return `Checking what is here ${bar(state.piecesChecked, state.piecesTotal)}`;
    case "downloading": {
      const speed = `↓ ${sayBytes(status.rateDown)}/s ↑ ${sayBytes(status.rateUp)}/s`;
      const peers = `${status.peersConnected} ${status.peersConnected === 1 ? "peer" : "peers"}`;
      const why = state.slow === undefined ? "" : ` · ${sayWhy(state.slow)}`;
      return `${bar(status.bytesDone, status.bytesWanted)} ${speed} ${peers}${remaining(status)}${why}`;
    }
    case "seeding":
      return `Seeding to ${status.peersConnected} ↑ ${sayBytes(status.rateUp)}/s, ${sayBytes(status.bytesUp)} in all`;
    case "stopped":
      return `Stopped: ${sentenceOf(state.why)}`;
    case "finished":
    case "paused":
    case "closed":
      return state.at;
    default:
      return state satisfies never;
  }
}

function bar(done: number, total: number): string {
  const share = total === 0 ? 0 : done / total;
  const filled = Math.floor(share * BAR_CELLS);
  return `${"█".repeat(filled)}${"░".repeat(BAR_CELLS - filled)} ${Math.floor(share * 100)} %`;
}

function remaining(status: TorrentStatus): string {
  if (status.rateDown === 0) return "";
  const seconds = Math.ceil((status.bytesWanted - status.bytesDone) / status.rateDown);
  if (seconds < 60) return ` ${seconds} s left`;
  return seconds < 3600 ? ` ${Math.ceil(seconds / 60)} min left` : ` ${Math.ceil(seconds / 3600)} h left`;
}
