// A transfer on one line, and on one screen, of a terminal.

import { pathGlyphs } from "../../domain/path.ts";
import type { LocalTransfer } from "../../wire/local/transfer.ts";
import { sayBytes } from "../byte-count.ts";
import { inert } from "../inert-text.ts";

export function transferLine(transfer: LocalTransfer): string {
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

export function transferText(transfer: LocalTransfer): string {
  const ends = transfer.grantEndsAtMs === null ? "" : ` until ${new Date(transfer.grantEndsAtMs).toLocaleString()}`;
  return [
    transferLine(transfer),
    `  request ${transfer.requestId}, grant ${transfer.grantState ?? "unknown"}${ends}`,
    ...(transfer.libraryPath === null ? [] : [`  in the library: ${inert(transfer.libraryPath)}`]),
    ...transfer.files.map((file) => `  ${file.state.padEnd(10)} ${inert(file.path)}  ${inert(file.why)}`),
    ...transfer.peers.map((peer) => `  peer ${peer.address}  ${inert(peer.client)}  ↓ ${sayBytes(peer.rateDown)}/s`),
  ].join("\n");
}

export function sayProgress(transfer: LocalTransfer): string {
  const { bytesDone, bytesTotal, rateDown } = transfer;
  const share = bytesTotal === null || bytesTotal === 0 ? "" : `${Math.floor((bytesDone / bytesTotal) * 100)} %`;
  const rate = rateDown > 0 ? ` ↓ ${sayBytes(rateDown)}/s` : "";
  return `${share} of ${bytesTotal === null ? "unknown" : sayBytes(bytesTotal)}${rate}`;
}
