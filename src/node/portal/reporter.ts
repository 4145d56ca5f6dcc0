// Tells the portal how transfers, verdicts and quarantine stand: what changed, at most once a second, until it was heard.

import type { Failure } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import { PEERS_MAX, ReportReply, type TransferReport } from "../../wire/api/v1/transfer.ts";
import type { QuarantineReport, VerdictReport } from "../../wire/api/v1/verdict.ts";
import type { LocalTransfer } from "../../wire/local/transfer.ts";
import type { Clock, Timer } from "../../world/clock.ts";
import type { FileRecord, TransferStore } from "../store/transfers.ts";
import { fileWhy } from "../transfer/view.ts";
import type { PortalClient } from "./client.ts";

const REPORT_EVERY_MS = 1_000;
const TRANSFERS_MAX = 500;
const ENTRIES_MAX = 10_000;

export type ReporterParts = {
  readonly client: PortalClient;
  readonly clock: Clock;
  readonly store: TransferStore;
  readonly views: () => readonly LocalTransfer[];
  readonly connected: () => boolean;
};

export class Reporter {
  readonly #parts: ReporterParts;
  readonly #timer: Timer;
  readonly #toldTransfers = new Map<string, string>();
  #toldQuarantine = "";
  #running: Promise<void> | undefined;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
    this.#timer = parts.clock.every(REPORT_EVERY_MS, () => this.#tick());
  }

  /** The portal may have been away or replaced: everything is told again. */
  forget(): void {
    this.#toldTransfers.clear();
    this.#toldQuarantine = "";
  }

  async close(): Promise<void> {
    this.#timer.cancel();
    await this.#running;
  }

  /** One round at once; resolves when the portal has answered. */
  async report(): Promise<void> {
    await this.#running;
    this.#running = this.#round();
    await this.#running;
    this.#running = undefined;
  }

  #tick(): void {
    if (this.#running || !this.#parts.connected()) return;
    this.#running = this.#round().finally(() => {
      this.#running = undefined;
    });
  }

  async #round(): Promise<void> {
    await this.#transfers();
    await this.#verdicts();
    await this.#quarantine();
  }

  async #transfers(): Promise<void> {
    const reports = this.#parts.views().map(reportOf);
    const fresh = reports.filter((one) => this.#toldTransfers.get(one.grantId) !== JSON.stringify(one));
    if (fresh.length === 0) return;
    const batch = fresh.slice(0, TRANSFERS_MAX);
    const told = await this.#send("PUT", "/api/v1/device/transfers", { transfers: batch });
    if (!told.ok) return;
    for (const one of batch) this.#toldTransfers.set(one.grantId, JSON.stringify(one));
  }

  async #verdicts(): Promise<void> {
    const files = this.#parts.store.untold(1_000);
    const verdicts = files.flatMap((file) => verdictOf(file) ?? []);
    if (verdicts.length === 0) return;
    const told = await this.#send("POST", "/api/v1/device/verdicts", { verdicts });
    if (told.ok) this.#parts.store.setTold(files.map((file) => file.entryId));
  }

  async #quarantine(): Promise<void> {
    const files = this.#parts.store.everyFile().filter((file) => file.state !== "fetching");
    const report: QuarantineReport = { entries: files.slice(-ENTRIES_MAX).map(entryOf) };
    const text = JSON.stringify(report);
    if (text === this.#toldQuarantine) return;
    const told = await this.#send("PUT", "/api/v1/device/quarantine", report);
    if (told.ok) this.#toldQuarantine = text;
  }

  #send(method: "PUT" | "POST", path: string, json: unknown): Promise<Result<ReportReply, Failure>> {
    return this.#parts.client.call({ method, path, json }, ReportReply);
  }
}

function reportOf(view: LocalTransfer): TransferReport {
  return {
    grantId: view.id,
    infoHash: view.infoHash,
    state: view.state,
    why: view.why.slice(0, 500),
    bytesDone: view.bytesDone,
    bytesTotal: view.bytesTotal,
    rateDown: view.rateDown,
    rateUp: view.rateUp,
    peers: view.peers.slice(0, PEERS_MAX).map((peer) => ({
      address: peer.address.slice(0, 80),
      client: peer.client.slice(0, 80),
      rateDown: peer.rateDown,
      rateUp: peer.rateUp,
      progress: peer.progress,
      transport: peer.transport,
    })),
    pieces: view.pieces,
    pieceCount: view.pieceCount,
    libraryPath: view.state === "released" ? view.libraryPath : null,
  };
}

function verdictOf(file: FileRecord): VerdictReport | undefined {
  const { verdict, sha256 } = file;
  if (!verdict || sha256 === undefined) return undefined;
  return {
    grantId: file.transferId,
    sha256,
    piecesRoot: file.piecesRoot ?? null,
    bytes: file.bytes,
    fileName: file.path.join("/").slice(0, 512),
    verdict: verdict.outcome,
    engine: verdict.engine.slice(0, 64),
    signatures: verdict.signatureVersion.slice(0, 64),
    why: fileWhy({ ...file, state: verdict.outcome }).slice(0, 500),
  };
}

function entryOf(file: FileRecord): QuarantineReport["entries"][number] {
  return {
    entryId: file.entryId,
    grantId: file.transferId,
    fileName: file.path.join("/").slice(0, 512),
    bytes: file.bytes,
    sha256: file.sha256 ?? null,
    piecesRoot: file.piecesRoot ?? null,
    // Clean and not yet moved: for those who look at the quarantine it is still held.
    state: file.state === "clean" ? "held" : file.state,
    why: fileWhy(file).slice(0, 500),
    heldSinceMs: file.sinceMs,
  };
}
