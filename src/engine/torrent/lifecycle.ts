// The phases of a torrent from `add` to `close`, and who is told what at each turn. Told as a table in STATE.md.

import { present } from "../../base/assert.ts";
import { type Failure, failure } from "../../base/failure.ts";
import { err, type Result } from "../../base/result.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import type { StorageMove, TorrentOptions } from "../contract.ts";
import type { SwarmView } from "../discovery/source.ts";
import { type EngineCore, nowOf } from "../engine-core.ts";
import type { TorrentLimits } from "../limits/torrent-limits.ts";
import type { Connections } from "./connections.ts";
import type { Conversation } from "./conversation.ts";
import type { DiscoverySet } from "./discovery-set.ts";
import { DiskRetry } from "./disk-retry.ts";
import type { EventFeed } from "./event-feed.ts";
import { readOffered } from "./offered-metadata.ts";
import type { Phase } from "./phase.ts";
import type { Resume } from "./resume.ts";
import type { Swarm } from "./swarm.ts";
import { Transfer } from "./transfer.ts";

export type LifecycleParts = {
  readonly core: EngineCore;
  readonly torrent: TorrentOptions;
  readonly limits: TorrentLimits;
  readonly resume: Resume | undefined;
  readonly connections: Connections;
  readonly swarm: Swarm;
  readonly conversation: Conversation;
  readonly discovery: DiscoverySet;
  readonly view: SwarmView;
  readonly feed: EventFeed;
  /** Told before anything is done with the metadata. */
  readonly known: (metainfo: Metainfo) => void;
};

export class Lifecycle {
  readonly #parts: LifecycleParts;
  #transfer: Transfer | undefined;
  #phase: Phase = { at: "metadata" };
  #finished = false;
  #moving = false;
  readonly #retry = new DiskRetry();

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get transfer(): Transfer | undefined {
    return this.#transfer;
  }

  /** Everything wanted was verified and is on disk. */
  get isFinished(): boolean {
    return this.#finished;
  }

  /** Called once, by the engine. */
  start(): void {
    const { source, peers } = this.#parts.torrent;
    for (const remote of peers ?? []) this.#parts.connections.found(remote, "given");
    if (source.kind === "metainfo") this.#know(source.metainfo);
    else {
      const kept = this.#parts.resume?.infoBytes();
      if (kept === undefined || !this.offered(kept)) this.#lookForPeers();
    }
  }

  offered(infoBytes: Uint8Array): boolean {
    const { source } = this.#parts.torrent;
    if (source.kind !== "magnet" || this.#transfer !== undefined) return true;
    const read = readOffered(infoBytes, source.magnet);
    if (read === undefined) return false;
    if (read.ok) this.#know(read.value);
    else this.#stop(read.error);
    return true;
  }

  #know(metainfo: Metainfo): void {
    this.#parts.known(metainfo);
    if (metainfo.private) this.#parts.conversation.extensions.becamePrivate();
    this.#transfer = new Transfer({
      core: this.#parts.core,
      metainfo,
      torrent: this.#parts.torrent,
      resume: this.#parts.resume,
      up: this.#parts.limits.up,
      peerCount: () => this.#parts.swarm.sessions.size,
      nowMs: () => nowOf(this.#parts.core),
      events: {
        checkProgress: (piecesChecked) => this.#progressed(piecesChecked),
        ready: () => this.#ready(),
        verified: (piece, completeFiles) => this.#verified(piece, completeFiles),
        failed: (piece, culprits, wastedBytes) => this.#pieceFailed(piece, culprits, wastedBytes),
        foundOut: (culprits, wastedBytes) => this.#foundOut(culprits, wastedBytes),
        leavesWanted: () => this.#transfer?.hashes?.askForLeaves(this.#parts.swarm.sessions),
        lost: (piece) => this.#lost(piece),
        moreVerifiable: () => this.#moreVerifiable(),
        forged: (session, why) => this.ban(session.stream.remote.host, why),
        sent: (bytes) => this.#parts.swarm.up.add(bytes),
        diskFailed: (why) => this.#stop(why),
      },
    });
    this.#phase = { at: "checking", piecesChecked: 0 };
    this.#parts.feed.emit({ type: "metadata", metainfo });
    this.#transfer.open();
  }

  #progressed(piecesChecked: number): void {
    if (this.#phase.at === "checking") this.#phase = { at: "checking", piecesChecked };
  }

  #ready(): void {
    const transfer = present(this.#transfer, "a transfer");
    if (this.#phase.at !== "checking") return;
    const { have, layout } = transfer.content;
    this.#phase = { at: "active" };
    this.#parts.feed.emit({ type: "checked", piecesDone: have.count, piecesTotal: layout.pieceCount });
    this.#parts.swarm.begin(transfer);
    this.#parts.swarm.reconsiderAll();
    this.#parts.conversation.greetAgain(this.#parts.swarm.sessions.values());
    this.#lookForPeers();
    this.#moreVerifiable();
  }

  #moreVerifiable(): void {
    const transfer = present(this.#transfer, "a transfer");
    for (const session of this.#parts.swarm.sessions.values()) transfer.hashes?.askMore(session);
    this.#parts.swarm.reconsiderAll();
    this.#parts.swarm.moveAll();
    this.#finishIfComplete();
  }

  #lookForPeers(): void {
    if (!this.#finished) this.#parts.connections.pool.wantComplete();
    this.#parts.connections.start();
    this.#parts.discovery.start(this.#parts.view);
    this.#parts.connections.dialDue();
  }

  #verified(piece: number, completeFiles: readonly number[]): void {
    this.#parts.swarm.announce(piece);
    this.#parts.feed.emit({ type: "pieceVerified", piece });
    for (const fileIndex of completeFiles) this.#parts.feed.emit({ type: "fileVerified", fileIndex });
    this.#finishIfComplete();
    // Memory came free.
    if (this.#phase.at === "active") this.#parts.swarm.moveAll();
  }

  #pieceFailed(piece: number, culprits: readonly string[], wastedBytes: number): void {
    this.#parts.feed.emit({ type: "pieceFailed", piece });
    this.#foundOut(culprits, wastedBytes);
  }

  #foundOut(culprits: readonly string[], wastedBytes: number): void {
    this.#parts.swarm.bytesWasted += wastedBytes;
    for (const host of culprits) {
      if (!this.#parts.core.bans.has(host)) this.ban(host, "sent bytes that do not verify");
    }
    this.#parts.swarm.reconsiderAll();
    this.#parts.swarm.moveAll();
  }

  #lost(piece: number): void {
    this.#parts.feed.emit({ type: "pieceFailed", piece });
    if (this.#finished) {
      this.#finished = false;
      this.#parts.connections.pool.wantComplete();
      // BEP 21: no longer one that only uploads. libtorrent leaves such a one when it hears that a piece is gone.
      this.#parts.conversation.greetAgain(this.#parts.swarm.sessions.values());
    }
    this.#parts.swarm.announce(piece);
    this.#parts.swarm.reconsiderAll();
  }

  #finishIfComplete(): void {
    const transfer = this.#transfer;
    if (this.#finished || transfer === undefined || this.#phase.at !== "active" || !transfer.isComplete) return;
    this.#finished = true;
    this.#parts.swarm.reconsiderAll();
    transfer.settle((why) => {
      if (this.#phase.at !== "active") return;
      if (why !== undefined) {
        this.#finished = false;
        return this.#stop(why);
      }
      this.#parts.feed.emit({ type: "finished", bytesDone: transfer.fileBytesWanted() });
      this.#parts.discovery.finished();
      if (this.#parts.torrent.seedAfter === false) {
        this.#phase = { at: "finished" };
        this.#dropPeers("finished");
      } else {
        this.#parts.conversation.greetAgain(this.#parts.swarm.sessions.values());
        if (transfer.content.have.isFull) this.#parts.swarm.dropSeeds();
      }
    });
  }

  #stop(why: Failure): void {
    if (this.#phase.at === "closed" || this.#phase.at === "stopped") return;
    this.#phase = { at: "stopped", why };
    this.#retry.stopped(why, nowOf(this.#parts.core));
    this.#dropPeers("stopped");
    this.#parts.feed.emit({ type: "stopped", why });
  }

  #dropPeers(why: string): void {
    this.#parts.connections.stop();
    this.#parts.swarm.closeAll(why);
    this.#transfer?.assembly.dropAll();
  }

  ban(host: string, why: string): void {
    this.#parts.core.bans.add(host);
    this.#parts.feed.emit({ type: "peerBanned", host, why });
  }

  tick(elapsedMs: number): void {
    const nowMs = nowOf(this.#parts.core);
    if (this.#retry.isDue(nowMs)) this.resume();
    this.#parts.swarm.tick(nowMs, elapsedMs);
    this.#parts.conversation.metadata.tick(nowMs);
    this.#parts.conversation.node.tick();
    this.#transfer?.hashes?.tick(this.#parts.swarm.sessions);
    this.#parts.connections.dialDue();
  }

  pause(): void {
    if (this.#phase.at === "closed") return;
    this.#phase = { at: "paused" };
    this.#retry.cancel();
    this.#dropPeers("paused");
  }

  resume(): void {
    if (this.#moving) return;
    if (this.#phase.at !== "paused" && this.#phase.at !== "stopped" && this.#phase.at !== "finished") return;
    this.#retry.cancel();
    this.#parts.feed.emit({ type: "resumed" });
    if (this.#transfer === undefined) {
      this.#phase = { at: "metadata" };
      this.#lookForPeers();
    } else {
      this.#recheckIfNeeded(this.#transfer);
    }
  }

  // A torrent that was stopped while its files were first looked at has to look again.
  #recheckIfNeeded(transfer: Transfer): void {
    this.#phase = { at: "checking", piecesChecked: 0 };
    if (this.#parts.swarm.isFlowing) this.#ready();
    else transfer.open();
  }

  recheck(): void {
    const transfer = this.#transfer;
    if (transfer === undefined || this.#moving || this.#phase.at === "closed") return;
    this.#dropPeers("checking");
    this.#finished = false;
    transfer.forgetAll();
    this.#phase = { at: "checking", piecesChecked: 0 };
    transfer.check(undefined);
  }

  /** Nothing is received or served meanwhile, and no wish to begin again is heard. */
  async move(move: StorageMove): Promise<Result<undefined, Failure>> {
    const [transfer, before] = [this.#transfer, this.#phase];
    if (transfer === undefined || this.#moving || before.at === "checking" || before.at === "closed") {
      return err(failure("engine.move_refused", { folder: move.rootDir, why: "the torrent is not ready for it" }));
    }
    this.pause();
    this.#moving = true;
    const moved = await transfer.move(move, () => this.#phase.at === "closed");
    this.#moving = false;
    // Where a full disk stopped it, there may be room now.
    if (before.at === "active" || before.at === "stopped") this.resume();
    else if (this.#phase.at === "paused") this.#phase = before;
    return moved;
  }

  async close(): Promise<void> {
    if (this.#phase.at === "closed") return;
    const transfer = this.#transfer;
    this.#dropPeers("closed");
    this.#phase = { at: "closed" };
    this.#parts.connections.close();
    this.#parts.conversation.extensions.close();
    await this.#parts.discovery.stop();
    if (transfer !== undefined) {
      await new Promise<void>((resolve) => transfer.settle(() => resolve()));
      await transfer.close();
    }
    this.#parts.feed.emit({ type: "closed" });
  }
}
