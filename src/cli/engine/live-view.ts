// A running transfer on one screen of a terminal: how far, how fast, why not faster, which pieces, which peers.

import type { WriteStream } from "node:tty";
import { formatEndpoint } from "../../domain/address/endpoint.ts";
import type { PeerStatus, Torrent, TorrentStatus } from "../../engine/contract.ts";
import { sayBytes } from "../byte-count.ts";
import { inert } from "../inert-text.ts";
import { bar, pieceMap } from "../view/bar.ts";
import { LiveBlock, type ScreenSize } from "../view/live-block.ts";
import { type PeerRow, peerTable } from "../view/peer-table.ts";
import { widthOf, wrap } from "../view/text-width.ts";
import { whyOf } from "./why-line.ts";

const BAR_CELLS = 25;
const MAP_ROWS_MAX = 6;
const REASON_ROWS_MAX = 3;

export class LiveView {
  readonly #torrent: Torrent;
  readonly #block: LiveBlock;
  readonly #redraw = (): void => this.look();
  readonly #out: WriteStream;

  constructor(torrent: Torrent, out: WriteStream) {
    this.#torrent = torrent;
    this.#out = out;
    this.#block = new LiveBlock(out);
    out.on("resize", this.#redraw);
  }

  look(): void {
    const status = this.#torrent.status();
    this.#block.draw(transferLines(status, this.#torrent.peers(), this.#block.size));
  }

  end(): void {
    this.#out.off("resize", this.#redraw);
    this.#block.end();
  }
}

/** As much as fits: on a small screen the map and the table of peers become short, then go. */
function transferLines(status: TorrentStatus, peers: readonly PeerStatus[], size: ScreenSize): string[] {
  const { columns } = size;
  const head = [
    inert(status.name) || "(name not known yet)",
    ...together(summaryOf(status), columns),
    ...reasonLines(status, columns),
  ];
  const rows = size.rows - head.length;
  const mapRows = Math.max(0, Math.min(MAP_ROWS_MAX, Math.floor(rows / 3)));
  const { pieces, piecesDone, piecesTotal } = status;
  const map =
    piecesTotal === 0 || mapRows === 0
      ? []
      : [`${piecesDone} of ${piecesTotal} pieces`, ...pieceMap(pieces, piecesTotal, columns, mapRows)];
  const rowsOfPeers = peers.map((peer) => rowOf(peer, piecesTotal));
  return [...head, ...map, ...peerTable(rowsOfPeers, columns, rows - map.length)];
}

/** On one line, or each on its own where that is too narrow. */
function together(parts: readonly string[], columns: number): readonly string[] {
  const line = parts.join("  ");
  return widthOf(line) <= columns ? [line] : parts;
}

/** How much, and how fast. */
export function summaryOf(status: TorrentStatus): string[] {
  const { state, bytesDone, bytesWanted } = status;
  switch (state.at) {
    case "metadata":
      return ["Fetching the description of the content"];
    case "checking":
      return ["Checking what is here", progress(state.piecesChecked, state.piecesTotal)];
    case "downloading": {
      const speed = `↓ ${sayBytes(status.rateDown)}/s ↑ ${sayBytes(status.rateUp)}/s${remaining(status)}`;
      return [`${progress(bytesDone, bytesWanted)} of ${sayBytes(bytesWanted)}`, speed];
    }
    case "seeding":
      return [`Seeding ↑ ${sayBytes(status.rateUp)}/s, ${sayBytes(status.bytesUp)} in all`];
    case "stopped":
      return [`Stopped at ${progress(bytesDone, bytesWanted)}`];
    case "finished":
    case "paused":
    case "closed":
      return [state.at];
    default:
      return state satisfies never;
  }
}

/** What can be done about it is said where there is room for all of it. */
function reasonLines(status: TorrentStatus, columns: number): readonly string[] {
  const why = whyOf(status);
  const reason = wrap(why === undefined ? pace(status) : inert(why.message), columns, REASON_ROWS_MAX);
  const advice = why?.next === undefined ? [] : wrap(why.next, columns, REASON_ROWS_MAX);
  return reason.length + advice.length <= REASON_ROWS_MAX ? [...reason, ...advice] : reason;
}

function pace(status: TorrentStatus): string {
  const isOne = status.peersConnected === 1;
  const peers = `${status.peersConnected} ${isOne ? "peer" : "peers"} connected`;
  return status.state.at === "downloading" ? `${peers}, as fast as ${isOne ? "it sends" : "they send"}` : peers;
}

function rowOf(peer: PeerStatus, piecesTotal: number): PeerRow {
  return {
    address: formatEndpoint(peer.remote),
    client: peer.client,
    transport: peer.transport,
    share: piecesTotal === 0 ? 0 : peer.piecesHeld / piecesTotal,
    rateDown: peer.rateDown,
    rateUp: peer.rateUp,
    note: noteOf(peer),
  };
}

function noteOf(peer: PeerStatus): string {
  if (peer.snubbed) return "silent";
  if (peer.weWant) return peer.chokesUs ? "chokes us" : "";
  return peer.wantsUs ? "" : "idle";
}

function progress(done: number, total: number): string {
  return `${bar(done, total, BAR_CELLS)} ${total === 0 ? 0 : Math.floor((done / total) * 100)} %`;
}

function remaining(status: TorrentStatus): string {
  if (status.rateDown === 0) return "";
  const seconds = Math.ceil((status.bytesWanted - status.bytesDone) / status.rateDown);
  if (seconds < 60) return `, ${seconds} s left`;
  return seconds < 3600 ? `, ${Math.ceil(seconds / 60)} min left` : `, ${Math.ceil(seconds / 3600)} h left`;
}
