// A transfer on one line, and on one screen, of a terminal.

import { pathGlyphs } from "../../domain/path.ts";
import type { LocalTransfer, LocalTransfers, WaitingRequest } from "../../wire/local/transfer.ts";
import { sayBytes } from "../byte-count.ts";
import { inert } from "../inert-text.ts";
import { pieceMap } from "../view/bar.ts";
import { peerTable } from "../view/peer-table.ts";

const COLUMNS_UNKNOWN = 80;
const INDENT_CELLS = 2;
const MAP_ROWS_MAX = 8;
const PEER_ROWS_MAX = 50;

function transferLine(transfer: LocalTransfer): string {
  const { id, path, state, name, why } = transfer;
  return [
    id.padEnd(12),
    pathGlyphs(path),
    state.padEnd(9),
    sayProgress(transfer).padEnd(22),
    inert(name),
    inert(why),
  ].join("  ");
}

/** What waits for a decision first, then what was granted. */
export function listText({ transfers, requests }: LocalTransfers): string {
  const lines = [...(requests ?? []).map(waitingLine), ...transfers.map(transferLine)];
  if (requests === null) lines.push("The portal cannot be reached now, so what waits for a decision is not listed.");
  return lines.length === 0 ? "Nothing was asked for yet. Ask for something with `swarmgate get`." : lines.join("\n");
}

function waitingLine({ requestId, path, requestState, name, question, url }: WaitingRequest): string {
  const why = question === "" ? "It waits for a decision" : `A reviewer asks: ${inert(question)}`;
  return [
    requestId.padEnd(12),
    pathGlyphs(path),
    requestState.padEnd(9),
    " ".repeat(22),
    inert(name),
    `${why}: ${url}`,
  ].join("  ");
}

/** The whole transfer on a terminal of this width: what happened to each file, which pieces are here, and whose peers. */
export function transferText(transfer: LocalTransfer, columns = screenColumns()): string {
  const ends = transfer.grantEndsAtMs === null ? "" : ` until ${new Date(transfer.grantEndsAtMs).toLocaleString()}`;
  return [
    transferLine(transfer),
    `  request ${transfer.requestId}, grant ${transfer.grantState ?? "unknown"}${ends}`,
    ...(transfer.libraryPath === null ? [] : [`  in the library: ${inert(transfer.libraryPath)}`]),
    ...transfer.files.map((file) => `  ${file.state.padEnd(10)} ${inert(file.path)}  ${inert(file.why)}`),
    ...piecesText(transfer, columns - INDENT_CELLS).map((line) => `  ${line}`),
    ...peersText(transfer, columns - INDENT_CELLS).map((line) => `  ${line}`),
  ].join("\n");
}

function piecesText({ pieces, pieceCount }: LocalTransfer, columns: number): string[] {
  if (pieces === null || pieceCount === null) return [];
  const bits = Buffer.from(pieces, "base64");
  return [`pieces, ${pieceCount} in all:`, ...pieceMap(bits, pieceCount, columns, MAP_ROWS_MAX)];
}

function peersText({ peers }: LocalTransfer, columns: number): string[] {
  if (peers.length === 0) return [];
  const rows = peers.map((peer) => ({ ...peer, share: peer.progress, note: "" }));
  return [`peers, ${peers.length} connected:`, ...peerTable(rows, columns, PEER_ROWS_MAX)];
}

function screenColumns(): number {
  return process.stdout.columns || COLUMNS_UNKNOWN;
}

export function sayProgress(transfer: LocalTransfer): string {
  const { bytesDone, bytesTotal, rateDown } = transfer;
  const share = bytesTotal === null || bytesTotal === 0 ? "" : `${Math.floor((bytesDone / bytesTotal) * 100)} %`;
  const rate = rateDown > 0 ? ` ↓ ${sayBytes(rateDown)}/s` : "";
  return `${share} of ${bytesTotal === null ? "unknown" : sayBytes(bytesTotal)}${rate}`;
}
