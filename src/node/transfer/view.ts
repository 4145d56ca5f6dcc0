// A transfer as people and the portal see it: the state, and one sentence that says why.

import { formatEndpoint } from "../../domain/address/endpoint.ts";
import { sentenceOf } from "../../domain/errors/table.ts";
import type { GrantState } from "../../domain/grant.ts";
import { pathOf } from "../../domain/path.ts";
import type { TorrentStatus } from "../../engine/contract.ts";
import { sayWhy } from "../../engine/why.ts";
import type { LocalFile, LocalTransfer } from "../../wire/local/transfer.ts";
import type { NodeCore } from "../core.ts";
import type { FileRecord, TransferRecord } from "../store/transfers.ts";
import { stateOf } from "./phase.ts";
import type { TransferTask } from "./task.ts";

export function viewOf(core: NodeCore, task: TransferTask): LocalTransfer | undefined {
  const record = task.record();
  if (!record) return undefined;
  const status = task.torrent()?.status();
  const files = core.transfers.files(record.id);
  const grant = grantOf(core, task);
  const state = stateOf(record.phase);
  const why = whyOf(record, status, task.isServing(), files);
  const bytesTotal = record.bytesTotal ?? task.metainfo()?.totalBytes ?? null;
  return {
    id: record.id,
    requestId: record.requestId,
    name: record.name,
    infoHash: record.infoHash,
    state,
    why,
    grantState: grant.state,
    grantEndsAtMs: grant.endsAtMs,
    seeding: task.isServing(),
    bytesDone: fetched(record) ? (bytesTotal ?? record.bytesDone) : (status?.bytesDone ?? record.bytesDone),
    bytesTotal,
    bytesDown: status?.bytesDown ?? 0,
    bytesUp: status?.bytesUp ?? 0,
    rateDown: Math.round(status?.rateDown ?? 0),
    rateUp: Math.round(status?.rateUp ?? 0),
    peersConnected: status?.peersConnected ?? 0,
    pieceCount: status && status.piecesTotal > 0 ? status.piecesTotal : null,
    pieces: status && status.pieces.length > 0 ? Buffer.from(status.pieces).toString("base64") : null,
    libraryPath: record.libraryPath ?? null,
    path: [
      ...pathOf({
        asked: {},
        request: { state: "approved" },
        ...(grant.state === null ? {} : { grant: { state: grant.state } }),
        transfer: { state, why },
      }),
    ],
    files: files.map((file) => fileView(file, status)),
    peers: peersOf(task),
  };
}

function peersOf(task: TransferTask): LocalTransfer["peers"] {
  const torrent = task.torrent();
  const pieces = torrent?.status().piecesTotal ?? 0;
  return (torrent?.peers() ?? []).map((peer) => ({
    address: formatEndpoint(peer.remote),
    client: peer.client,
    transport: peer.transport,
    rateDown: Math.round(peer.rateDown),
    rateUp: Math.round(peer.rateUp),
    progress: pieces === 0 ? 0 : Math.min(1, peer.piecesHeld / pieces),
  }));
}

function fileView(file: FileRecord, status: TorrentStatus | undefined): LocalFile {
  return {
    entryId: file.entryId,
    path: file.path.join("/"),
    bytes: file.bytes,
    bytesDone: file.state === "fetching" ? (status?.fileBytesDone[file.index] ?? 0) : file.bytes,
    state: file.state,
    sha256: file.sha256 ?? null,
    verdict: file.verdict?.outcome ?? null,
    why: fileWhy(file),
    libraryPath: file.libraryPath ?? null,
  };
}

/** One sentence about one file. */
export function fileWhy(file: FileRecord): string {
  switch (file.state) {
    case "fetching":
      return "It is still being fetched.";
    case "held":
      return "It is complete and waits for its scan.";
    case "scanning":
      return "It is being scanned.";
    case "destroyed":
      return "It was deleted.";
    case "clean":
    case "released":
    case "infected":
    case "suspicious":
    case "unscanned": {
      const within = file.verdict?.within ?? [];
      const where = within.length === 0 ? "" : ` Found in: ${within.join(" › ")}.`;
      return `${file.verdict?.why ?? "It was scanned."}${where}`;
    }
  }
}

function whyOf(
  record: TransferRecord,
  status: TorrentStatus | undefined,
  serving: boolean,
  files: readonly FileRecord[],
): string {
  const { phase } = record;
  switch (phase.at) {
    case "waiting":
    case "stopped":
    case "failed":
    case "held":
      return phase.why;
    case "infected":
      return `${phase.file} is not safe, and nothing of this download was released. ${phase.why}`;
    case "paused":
      return "You paused it.";
    case "scanning": {
      const left = files.filter((file) => file.state === "held" || file.state === "scanning").length;
      return left === 1 ? "Its last file is being scanned." : `${left} of ${files.length} files wait for their scan.`;
    }
    case "released":
      return serving
        ? "Every file is clean and in the library. You share it with others while the grant lasts."
        : "Every file is clean and in the library.";
    case "fetching":
      return status === undefined ? "It is about to begin." : fetchingWhy(status);
  }
}

function fetchingWhy(status: TorrentStatus): string {
  const { state } = status;
  switch (state.at) {
    case "metadata":
    case "downloading": {
      if (state.slow === undefined) return `Fetching from ${count(status.peersConnected, "peer")}.`;
      const why = sayWhy(state.slow);
      return `${why.charAt(0).toUpperCase()}${why.slice(1)}.`;
    }
    case "checking":
      return `Checking what is here already: ${state.piecesChecked} of ${state.piecesTotal} pieces.`;
    case "stopped":
      return sentenceOf(state.why);
    case "seeding":
    case "finished":
    case "paused":
    case "closed":
      return "Everything is here; the scan comes next.";
  }
}

function fetched(record: TransferRecord): boolean {
  return ["scanning", "held", "released"].includes(record.phase.at);
}

function grantOf(core: NodeCore, task: TransferTask): { state: GrantState | null; endsAtMs: number | null } {
  const held = core.keeper.find(task.id);
  const content = task.content();
  if (!held || !content) return { state: null, endsAtMs: null };
  const answer = core.keeper.coversBy(task.id, content);
  const endsAtMs = held.claims.exp * 1000;
  if (answer.allow) return { state: "active", endsAtMs };
  if (answer.code === "grant.returned") return { state: "returned", endsAtMs };
  if (answer.code === "grant.expired") return { state: "expired", endsAtMs };
  const ended = answer.code === "grant.revoked" || answer.code === "grant.overruled";
  return { state: ended ? "revoked" : "active", endsAtMs };
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
