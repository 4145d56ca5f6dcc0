// A torrent whose metadata is known: its files, what is verified of them, and everything that moves their bytes. Lives
// from the first look at the disk until the torrent is closed.

import { present } from "../../base/assert.ts";
import type { Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import { filesIn } from "../../domain/metainfo/magnet.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { FileIdentity } from "../../world/disk.ts";
import type { StorageMove, TorrentOptions } from "../contract.ts";
import type { EngineCore } from "../engine-core.ts";
import type { TokenBuckets } from "../limits/token-bucket.ts";
import type { Bitfield } from "../picker/bitfield.ts";
import { Picker } from "../picker/picker.ts";
import type { StoreHandle } from "../storage/disk-threads.ts";
import { Assembly } from "./assembly.ts";
import { Checking } from "./checking.ts";
import { Content } from "./content.ts";
import { lookAtDisk } from "./first-look.ts";
import { HashExchange } from "./hash-exchange.ts";
import { LeafExchange } from "./leaf-exchange.ts";
import { relocate } from "./relocation.ts";
import type { Resume } from "./resume.ts";
import { storagePaths } from "./storage-paths.ts";
import { Uploads } from "./uploads.ts";

const FILE_MODE_BITS = 0o644;

export type TransferEvents = {
  checkProgress(piecesChecked: number): void;
  /** The disk was looked at: blocks may flow. */
  ready(): void;
  verified(piece: number, completeFiles: readonly number[]): void;
  failed(piece: number, culprits: readonly string[], wastedBytes: number): void;
  foundOut(culprits: readonly string[], wastedBytes: number): void;
  /** A failed v2 piece waits for the hashes of its blocks. */
  leavesWanted(): void;
  /** A piece that was verified is no longer what it was. */
  lost(piece: number): void;
  /** Layers of a v2 magnet arrived: more pieces can be verified. */
  moreVerifiable(): void;
  forged(session: Parameters<HashExchange["askMore"]>[0], why: string): void;
  sent(bytes: number): void;
  diskFailed(failure: Failure): void;
};

export type TransferOptions = {
  readonly core: EngineCore;
  readonly metainfo: Metainfo;
  readonly torrent: TorrentOptions;
  readonly resume: Resume | undefined;
  readonly up: TokenBuckets;
  readonly peerCount: () => number;
  readonly nowMs: () => MonotonicMs;
  readonly events: TransferEvents;
};

export class Transfer {
  readonly content: Content;
  readonly picker: Picker;
  readonly assembly: Assembly;
  readonly uploads: Uploads;
  readonly hashes: HashExchange | undefined;
  /** Undefined: all. */
  readonly wantedFiles: readonly number[] | undefined;
  readonly #options: TransferOptions;
  readonly #store: StoreHandle;
  #checking: Checking | undefined;

  constructor(options: TransferOptions) {
    const { core, metainfo, torrent, resume, events } = options;
    this.#options = options;
    this.content = new Content(metainfo);
    this.wantedFiles = wantedFiles(torrent, metainfo.files.length);
    const { layout } = this.content;
    this.picker = new Picker(
      {
        pieceCount: layout.pieceCount,
        blockCount: (piece) => layout.blockCount(this.content.index(piece)),
        order: torrent.order ?? "rarest",
      },
      core.world.random,
    );
    const { format, pieceLengthBytes, spanBytes, files } = metainfo;
    this.#store = core.stores.open({
      rootDir: torrent.storage.rootDir,
      modeBits: torrent.storage.modeBits ?? FILE_MODE_BITS,
      layout: { format, pieceLengthBytes, spanBytes, files },
      paths: storagePaths(metainfo, torrent.storage),
      journal: resume?.journal,
    });
    const { content, picker } = this;
    this.assembly = new Assembly({
      content,
      picker,
      memory: core.memory,
      store: this.#store,
      events: this.#assembled(),
      random: core.world.random,
    });
    this.uploads = new Uploads({
      content,
      memory: core.memory,
      store: this.#store,
      verify: torrent.verifyUploads ?? true,
      isLacked: (piece) => picker.copiesOf(piece) < options.peerCount(),
      limits: options.up,
      nowMs: options.nowMs,
      sent: events.sent,
      rotten: (piece) => this.#lose(piece),
      diskFailed: events.diskFailed,
      ...(torrent.closedSwarm === true ? { copies: (piece: number) => picker.copiesOf(piece) } : {}),
    });
    if (metainfo.infoHashV2 !== undefined) this.hashes = this.#hashExchange();
  }

  #assembled() {
    const { events } = this.#options;
    return {
      verified: (piece: number) => events.verified(piece, this.content.verified(piece)),
      failed: events.failed,
      foundOut: events.foundOut,
      wantLeaves: (piece: number) => this.#wantLeaves(piece),
      diskFailed: events.diskFailed,
    };
  }

  #wantLeaves(piece: number): boolean {
    if (this.hashes?.leaves.want(piece) !== true) return false;
    this.#options.events.leavesWanted();
    return true;
  }

  #hashExchange(): HashExchange {
    const { events } = this.#options;
    const leaves = new LeafExchange(this.content, this.#store, this.assembly.repairs, this.#options.nowMs);
    return new HashExchange(this.content, leaves, {
      layer: (rootHex, layer) => {
        this.content.addPieceLayer(rootHex, layer);
        this.#chooseWanted();
        events.moreVerifiable();
      },
      forged: (session) => events.forged(session, "hashes-forged"),
    });
  }

  #lose(piece: number): void {
    this.content.lost(piece);
    this.picker.reopen(piece);
    this.#options.events.lost(piece);
  }

  /** Looks at the files and the resume record, reads what has to be read, then reports `ready`. */
  open(): void {
    const { core, metainfo, torrent, resume } = this.#options;
    const { pieceCount } = this.content.layout;
    lookAtDisk({ disk: core.world.disk, metainfo, pieceCount, torrent, resume, store: this.#store }, (found) => {
      if ("failed" in found) this.#options.events.diskFailed(found.failed);
      else if ("trust" in found) this.#believe(found.trust);
      else this.check(found.check);
    });
  }

  #believe(pieces: Bitfield): void {
    for (const piece of pieces.indices()) this.#right(piece);
    this.#finishOpening();
  }

  #right(piece: number): void {
    this.content.verified(piece);
    this.picker.finish(piece);
  }

  check(which: Bitfield | undefined): void {
    this.#checking = new Checking(this.content, this.#store, which, {
      right: (piece) => this.#right(piece),
      progress: this.#options.events.checkProgress,
      done: (failure) => {
        this.#checking = undefined;
        if (failure === undefined) this.#finishOpening();
        else this.#options.events.diskFailed(failure);
      },
    });
    this.#checking.start();
  }

  #finishOpening(): void {
    this.#chooseWanted();
    this.#options.events.ready();
  }

  /** A piece is wanted if it holds bytes of a wanted file and can be verified. */
  #chooseWanted(): void {
    const { content, wantedFiles: chosen } = this;
    const files = chosen === undefined ? undefined : new Set<number>(chosen);
    this.picker.setWanted((piece) => {
      if (!content.isVerifiable(piece)) return false;
      if (files === undefined) return true;
      return content.layout.extents(content.index(piece)).some((extent) => files.has(extent.file));
    });
  }

  /** Everything wanted is verified, and nothing that is wanted still lacks its hashes. */
  get isComplete(): boolean {
    // A hybrid's pieces are proven by their v1 hashes: its layers are a gift for others, and a magnet that names only the
    // v1 half may meet nobody who speaks of them.
    const hasLayers = this.content.metainfo.format === "hybrid" || (this.hashes?.isComplete ?? true);
    return this.picker.wantedLeft === 0 && hasLayers;
  }

  /** The files go to another folder. Call only while nothing is received or served. */
  move({ rootDir, moved }: StorageMove, isOver: () => boolean): Promise<Result<undefined, Failure>> {
    return relocate(this.#store, {
      rootDir,
      isOver,
      arrived: (files) => {
        const recorded = this.#record(files);
        return recorded.ok ? moved() : recorded;
      },
    });
  }

  #record(files: readonly (FileIdentity | undefined)[]): Result<undefined, Failure> {
    const pieces = Uint8Array.from(this.content.have.bytes);
    return this.#options.resume?.write({ pieces, files, infoBytes: this.content.metainfo.infoBytes }) ?? ok();
  }

  /** Makes the empty files, puts everything on disk and writes the record. */
  settle(done: (failure: Failure | undefined) => void): void {
    this.#store.ask({ kind: "sync", emptyFiles: this.#emptyFiles() }, (answer) => {
      if (answer.kind === "failed") return done(answer.failure);
      if (answer.kind !== "identities") return done(undefined);
      const written = this.#record(answer.files);
      done(written.ok ? undefined : written.error);
    });
  }

  #emptyFiles(): number[] {
    if (!this.isComplete) return [];
    const { files } = this.content.metainfo;
    return (this.wantedFiles ?? [...files.keys()]).filter((n) => files[n]?.bytes === 0);
  }

  /** Lets go of memory and files once the disk thread has finished what it was given. */
  close(): Promise<void> {
    this.#checking?.stop();
    this.assembly.close();
    this.uploads.close();
    return new Promise((resolve) => this.#store.close(resolve));
  }

  /** Nothing counts as verified any more. */
  forgetAll(): void {
    for (const piece of this.content.have.indices()) {
      this.content.lost(piece);
      this.picker.reopen(piece);
    }
  }

  bytesLeft(): number {
    const { totalBytes } = this.content.metainfo;
    return totalBytes - this.content.fileBytesDone().reduce((sum, bytes) => sum + bytes, 0);
  }

  fileBytesWanted(): number {
    const { files, totalBytes } = this.content.metainfo;
    if (this.wantedFiles === undefined) return totalBytes;
    return this.wantedFiles.reduce((sum, n) => sum + present(files[n], "a wanted file").bytes, 0);
  }
}

/** Those that the options name, or those that the magnet names (BEP 53). */
function wantedFiles(
  { wantedFiles: chosen, source }: TorrentOptions,
  fileCount: number,
): readonly number[] | undefined {
  if (chosen !== undefined || source.kind !== "magnet") return chosen;
  const { selectOnly } = source.magnet;
  return selectOnly && filesIn(selectOnly, fileCount);
}
