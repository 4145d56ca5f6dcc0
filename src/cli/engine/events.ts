// The events that `engine get --json` and `engine seed --json` print, one JSON object a line; docs/engine-events.md tells
// them to programs.

import { formatEndpoint } from "../../domain/address/endpoint.ts";
import { sentenceOf } from "../../domain/errors/table.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import type { Torrent, TorrentEvent, TorrentStatus } from "../../engine/contract.ts";
import type { OutputOptions } from "../output.ts";
import { whyOf } from "./why-line.ts";

/** Every event with what it means; the documentation is held to this table. */
export const ENGINE_EVENTS = {
  started: "the transfer was added",
  warning: "part of what was given cannot be used and is left out",
  listening: "peers are accepted here",
  metadata: "the description of the content is known",
  checked: "what lies in the folder was looked at",
  "peer-connected": "a peer is connected",
  "peer-closed": "a connection ended, and why",
  "peer-banned": "a peer sent wrong data and is shut out",
  "pieces-verified": "these pieces arrived, are right, and lie on disk",
  "piece-failed": "a piece was not what its hash says, and is fetched again",
  "file-verified": "a file is complete",
  progress: "how far it is and how fast, once a second while something changes",
  why: "why it is slow or stuck, when that changes; null when it is not",
  stopped: "it cannot go on, or was stopped",
  resumed: "it goes on",
  done: "everything is here and verified",
} as const;

export type EngineEventName = keyof typeof ENGINE_EVENTS;
export type EngineEvent = { readonly event: EngineEventName } & Readonly<Record<string, unknown>>;

/** One JSON object a line. */
export function printEvent(event: EngineEvent, options: OutputOptions): void {
  if (options.json) process.stdout.write(`${JSON.stringify(event)}\n`);
}

export function identity(
  source: Pick<Metainfo, "infoHashV1" | "infoHashV2"> & { readonly name?: string | undefined },
): Readonly<Record<string, unknown>> {
  const hex = (hash: Uint8Array | undefined) => (hash === undefined ? null : Buffer.from(hash).toString("hex"));
  return { name: source.name ?? null, infoHashV1: hex(source.infoHashV1), infoHashV2: hex(source.infoHashV2) };
}

/** What happens to one torrent, as it happens; what comes in floods is told once a look. */
export class EventStream {
  readonly #torrent: Torrent;
  #pieces: number[] = [];
  #why: string | null = null;
  #progress = "";
  #looks = 0;

  constructor(torrent: Torrent) {
    this.#torrent = torrent;
    torrent.on((event) => this.#took(event));
  }

  #took(event: TorrentEvent): void {
    if (event.type === "pieceVerified") {
      this.#pieces.push(event.piece);
      return;
    }
    // No deadlines are set here, so none passes.
    if (event.type === "finished" || event.type === "closed" || event.type === "pieceLate") return;
    this.#print(eventOf(event, this.#torrent));
  }

  /** Twice a second. */
  look(): void {
    const status = this.#torrent.status();
    this.#tellPieces(status);
    this.#tellWhy(status);
    this.#looks += 1;
    if (this.#looks % 2 === 1) this.#tellProgress(status);
  }

  end(): void {
    const status = this.#torrent.status();
    this.#tellPieces(status);
    this.#tellProgress(status);
  }

  #tellPieces({ piecesDone, piecesTotal }: TorrentStatus): void {
    if (this.#pieces.length === 0) return;
    this.#print({ event: "pieces-verified", pieces: this.#pieces, piecesDone, piecesTotal });
    this.#pieces = [];
  }

  #tellWhy(status: TorrentStatus): void {
    const why = whyOf(status);
    if ((why?.message ?? null) === this.#why) return;
    this.#why = why?.message ?? null;
    this.#print({ event: "why", code: why?.code ?? null, message: this.#why, next: why?.next ?? null });
  }

  #tellProgress(status: TorrentStatus): void {
    const { bytesDone, bytesWanted, bytesDown, bytesUp, rateDown, rateUp, peersConnected, piecesDone, piecesTotal } =
      status;
    const counts = { bytesDone, bytesWanted, bytesDown, bytesUp, rateDown, rateUp, peersConnected };
    const progress = JSON.stringify({ event: "progress", state: status.state.at, ...counts, piecesDone, piecesTotal });
    if (progress === this.#progress) return;
    this.#progress = progress;
    process.stdout.write(`${progress}\n`);
  }

  #print(event: EngineEvent): void {
    process.stdout.write(`${JSON.stringify(event)}\n`);
  }
}

type Told = Exclude<TorrentEvent, { readonly type: "pieceVerified" | "pieceLate" | "finished" | "closed" }>;

function eventOf(event: Told, torrent: Torrent): EngineEvent {
  switch (event.type) {
    case "metadata":
      return { event: "metadata", ...identity(event.metainfo) };
    case "checked":
      return { event: "checked", piecesDone: event.piecesDone, piecesTotal: event.piecesTotal };
    case "pieceFailed":
      return { event: "piece-failed", piece: event.piece };
    case "fileVerified":
      return { event: "file-verified", file: event.fileIndex };
    case "peerConnected": {
      const peer = formatEndpoint(event.remote);
      const known = torrent.peers().find(({ remote }) => formatEndpoint(remote) === peer);
      const about = known && { client: known.client, transport: known.transport, source: known.source };
      return { event: "peer-connected", peer, ...about };
    }
    case "peerClosed":
      return { event: "peer-closed", peer: formatEndpoint(event.remote), why: event.why };
    case "peerBanned":
      return { event: "peer-banned", host: event.host, why: event.why };
    case "stopped":
      return { event: "stopped", code: event.why.code, message: sentenceOf(event.why) };
    case "resumed":
      return { event: "resumed" };
    default:
      return event satisfies never;
  }
}
