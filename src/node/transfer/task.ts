// One transfer from its grant to its release. It owns its torrent in the engine; STATE.md beside this file lists the
// phases and what leads from one to the next.

import { type Failure, failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import { sentenceOf } from "../../domain/errors/table.ts";
import type { GrantClaims } from "../../domain/grant.ts";
import type { GrantAnswer } from "../../domain/grant-check.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import type { Torrent, TorrentSource } from "../../engine/contract.ts";
import { encode } from "../../wire/bencode/encode.ts";
import type { NodeCore } from "../core.ts";
import type { ContentHashes } from "../grants/keeper.ts";
import type { FileRecord, TransferRecord } from "../store/transfers.ts";
import { fileRecords, hashesOf, sourceOf, withinGrant } from "./content.ts";
import type { Phase } from "./phase.ts";
import { releaseClean } from "./release.ts";
import { FileScanning } from "./scanning.ts";
import { Serving } from "./serving.ts";
import { fetchIntoQuarantine } from "./swarm.ts";

/** Denials that no waiting cures. */
const FINAL = new Set(["grant.revoked", "grant.returned", "grant.expired", "grant.overruled"]);

export class TransferTask {
  readonly id: string;
  readonly #core: NodeCore;
  readonly #scanning: FileScanning;
  readonly #serving: Serving;
  #source: TorrentSource | undefined;
  #metainfo: Metainfo | undefined;
  #torrent: Torrent | undefined;
  #turn: Promise<void> = Promise.resolve();
  #poked = false;
  #closed = false;

  constructor(core: NodeCore, id: string) {
    this.#core = core;
    this.id = id;
    this.#scanning = new FileScanning(core, (file) => this.#scanned(file));
    this.#serving = new Serving(core, id);
    // A scan that a kill interrupted begins again.
    for (const file of core.transfers.files(id)) {
      if (file.state === "scanning") core.transfers.setFileState(file.entryId, "held");
    }
  }

  /** Looks at everything again: the grant, the engine, the scans. Called each second and whenever something happened. */
  poke(): void {
    if (this.#poked || this.#closed) return;
    this.#poked = true;
    this.#turn = this.#turn.then(async () => {
      this.#poked = false;
      while (!this.#closed && (await this.#step()));
    });
  }

  /** Resolves when no scan of it is running or waiting, and what follows from the last one is done. */
  async idle(): Promise<void> {
    do {
      await this.#turn;
      await this.#scanning.idle();
    } while (this.#poked || this.#scanning.busy);
    await this.#turn;
  }

  torrent(): Torrent | undefined {
    return this.#torrent ?? this.#serving.torrent();
  }

  isServing(): boolean {
    return this.#serving.torrent() !== undefined;
  }

  metainfo(): Metainfo | undefined {
    return this.#metainfo;
  }

  /** The hashes that the grant has to name; undefined before the first step. */
  content(): ContentHashes | undefined {
    return this.#source === undefined ? undefined : hashesOf(this.#source);
  }

  record(): TransferRecord | undefined {
    return this.#core.transfers.find(this.id);
  }

  pause(): void {
    const at = this.record()?.phase.at;
    if (at === "fetching" || at === "waiting") this.#setPhase({ at: "paused" });
    this.poke();
  }

  resume(): void {
    const at = this.record()?.phase.at;
    if (at === "paused" || at === "failed" || at === "stopped") this.#setPhase({ at: "fetching" });
    this.poke();
  }

  /** A scan was asked for by hand, or newer signatures came. */
  rescan(entryId: string): void {
    const phase = this.record()?.phase;
    if (phase?.at !== "held" && phase?.at !== "infected") return;
    this.#core.transfers.setFileState(entryId, "held");
    this.#setPhase({ at: "scanning" });
    this.poke();
  }

  /** Bad news about content that was released already: it goes back where it cannot be opened, and is not served. */
  recall(file: FileRecord, why: string): void {
    this.#serving.recall(file);
    this.#core.transfers.setFileState(file.entryId, "infected");
    this.#setPhase({ at: "infected", why, file: file.path.at(-1) ?? "" });
    this.poke();
  }

  /** Drops every connection at once. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#scanning.close();
    await Promise.all([this.#closeTorrent(), this.#serving.close()]);
    await this.#turn;
  }

  /** One step; true when the phase changed and the next one may follow at once. */
  async #step(): Promise<boolean> {
    const record = this.record();
    if (!record) return false;
    const source = this.#sourceOf(record);
    if (!source.ok) return this.#fail(record, source.error);
    const answer = this.#core.keeper.coversBy(this.id, hashesOf(source.value));
    switch (record.phase.at) {
      case "waiting":
        return answer.allow ? this.#setPhase({ at: "fetching" }) : this.#denied(record, answer);
      case "fetching":
        return this.#fetch(record, source.value, answer);
      case "paused":
        await this.#closeTorrent();
        return !answer.allow && FINAL.has(answer.code) ? this.#denied(record, answer) : false;
      case "scanning":
      case "held":
        await this.#closeTorrent();
        return this.#scan(record, answer);
      case "released":
        await this.#closeTorrent();
        if (this.#metainfo) await this.#serving.update(record, this.#metainfo, answer);
        return false;
      case "infected":
      case "failed":
      case "stopped":
        await Promise.all([this.#closeTorrent(), this.#serving.close()]);
        return false;
    }
  }

  async #fetch(record: TransferRecord, source: TorrentSource, answer: GrantAnswer): Promise<boolean> {
    if (!answer.allow) {
      await this.#closeTorrent();
      return this.#denied(record, answer);
    }
    if (!this.#torrent) return this.#begin(record, source, answer.claims);
    const status = this.#torrent.status();
    if (status.bytesDone !== record.bytesDone || record.bytesTotal === undefined) {
      this.#core.transfers.setProgress(this.id, { bytesDone: status.bytesDone, bytesTotal: status.bytesTotal });
    }
    if (!this.#metainfo || status.state.at === "checking") return false;
    const files = this.#core.transfers.files(this.id);
    for (const file of files) {
      const whole = (status.fileBytesDone[file.index] ?? 0) === file.bytes;
      if (file.state !== "fetching" || !whole) continue;
      this.#core.transfers.setFileState(file.entryId, "held");
      this.#scanning.add(file.entryId);
    }
    const complete = status.piecesTotal > 0 && status.piecesDone === status.piecesTotal;
    return complete ? this.#setPhase({ at: "scanning" }) : false;
  }

  #begin(record: TransferRecord, source: TorrentSource, claims: GrantClaims): boolean {
    if (source.kind === "metainfo") {
      const within = this.#learn(source.metainfo, claims);
      if (!within.ok) return this.#fail(record, within.error);
    }
    const added = fetchIntoQuarantine(this.#core, claims, source);
    if (!added.ok) return this.#fail(record, added.error);
    this.#torrent = added.value;
    added.value.on((event) => {
      if (event.type === "metadata") {
        const within = this.#learn(event.metainfo, claims);
        if (!within.ok) this.#fail(record, within.error);
        else this.#keepMetadata(event.metainfo);
      }
      if (event.type === "fileVerified" || event.type === "finished" || event.type === "metadata") this.poke();
    });
    return false;
  }

  #learn(metainfo: Metainfo, claims: GrantClaims): Result<undefined, Failure> {
    const within = withinGrant(claims, metainfo);
    if (!within.ok) return within;
    this.#metainfo = metainfo;
    this.#core.transfers.addFiles(fileRecords(this.id, metainfo, this.#core.clock.wallMs()));
    return ok();
  }

  // A magnet's metadata becomes a torrent file of its own, so that a restart needs no peer to know the names.
  #keepMetadata(metainfo: Metainfo): void {
    const trackers = metainfo.trackers.flat();
    const head = Buffer.from(encode({ "announce-list": trackers.map((url) => [url]) }));
    const torrent = Buffer.concat([head.subarray(0, -1), Buffer.from("4:info"), metainfo.infoBytes, Buffer.from("e")]);
    this.#core.transfers.setContent(this.id, { name: metainfo.name, torrent });
  }

  #scan(record: TransferRecord, answer: GrantAnswer): boolean {
    if (!answer.allow && (answer.code === "grant.revoked" || answer.code === "grant.overruled")) {
      return this.#denied(record, answer);
    }
    const files = this.#core.transfers.files(this.id);
    for (const file of files) {
      if (file.state === "fetching") this.#core.transfers.setFileState(file.entryId, "held");
      if (file.state === "fetching" || file.state === "held") this.#scanning.add(file.entryId);
    }
    this.#scanning.retry(files);
    if (this.#scanning.busy) return record.phase.at === "held" ? this.#setPhase({ at: "scanning" }) : false;
    return record.phase.at === "held" ? false : this.#decide(record, this.#core.transfers.files(this.id));
  }

  /** Every file has its verdict. */
  #decide(record: TransferRecord, files: readonly FileRecord[]): boolean {
    const infected = files.find((file) => file.state === "infected");
    if (infected) return this.#setPhase(infectedPhase(infected));
    const metainfo = this.#metainfo;
    if (!metainfo) return false;
    const released = releaseClean(this.#core, record, metainfo);
    if (!released.ok) return this.#fail(record, released.error);
    const doubtful = files.filter((file) => file.state === "suspicious" || file.state === "unscanned");
    const [first] = doubtful;
    if (!first) return this.#setPhase({ at: "released" });
    const count = doubtful.length === 1 ? "It is" : `${doubtful.length} of ${files.length} files are`;
    return this.#setPhase({ at: "held", why: `${count} held and not released. ${first.verdict?.why ?? ""}` });
  }

  #scanned(file: FileRecord): void {
    // Nothing more is fetched, nothing is released, nobody gets a byte of it.
    if (file.state === "infected") this.#setPhase(infectedPhase(file));
    this.poke();
  }

  #denied(record: TransferRecord, answer: GrantAnswer): boolean {
    if (answer.allow) return false;
    if (FINAL.has(answer.code)) return this.#setPhase({ at: "stopped", why: sentence(answer.why) });
    if (record.phase.at === "waiting" && record.phase.why === sentence(answer.why)) return false;
    return this.#setPhase({ at: "waiting", why: sentence(answer.why) });
  }

  #fail(record: TransferRecord, failed: Failure): boolean {
    const why = sentenceOf(failed);
    if (record.phase.at === "failed" && record.phase.why === why) return false;
    return this.#setPhase({ at: "failed", why });
  }

  #setPhase(phase: Phase): boolean {
    this.#core.transfers.setPhase(this.id, phase);
    return true;
  }

  #sourceOf(record: TransferRecord): Result<TorrentSource, Failure> {
    if (this.#source) return ok(this.#source);
    const source = sourceOf(record);
    if (!source.ok) return source;
    const hashes = hashesOf(source.value);
    if (hashes.infoHashV1 !== record.infoHash && hashes.infoHashV2 !== record.infoHash) {
      return { ok: false, error: failure("metainfo.hash_mismatch") };
    }
    this.#source = source.value;
    if (source.value.kind === "metainfo") this.#metainfo = source.value.metainfo;
    return source;
  }

  async #closeTorrent(): Promise<void> {
    const torrent = this.#torrent;
    this.#torrent = undefined;
    await torrent?.close();
  }
}

function infectedPhase(file: FileRecord): Phase {
  return { at: "infected", file: file.path.at(-1) ?? "", why: file.verdict?.why ?? "It is known to be harmful." };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
