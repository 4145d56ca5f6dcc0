// The connected peers of one torrent and what flows between them and us. Holds no policy of its own: the picker says
// what to ask for, the choker whom to serve, the assembly and the uploads move the bytes.

import { present } from "../../base/assert.ts";
import { bytesEqual } from "../../base/bytes.ts";
import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import type { BlockRange } from "../../wire/peer/block-frame.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { PeerSource } from "../discovery/source.ts";
import { type EngineCore, nowOf } from "../engine-core.ts";
import { RateMeter } from "../limits/rate-meter.ts";
import type { TokenBuckets } from "../limits/token-bucket.ts";
import type { Opened } from "../peer/opening.ts";
import { Session } from "../peer/session.ts";
import type { HashMessage, IncomingRequest, PeerSession, SessionHost } from "../peer/session-host.ts";
import { type BlockKey, blockKey } from "../picker/block-key.ts";
import { AskingOrder } from "./asking-order.ts";
import type { SwarmNames } from "./connections.ts";
import type { Conversation } from "./conversation.ts";
import { Cooperation } from "./cooperation.ts";
import type { SwarmFlow } from "./flow.ts";
import { Requesting } from "./requesting.ts";
import { RivalCopies } from "./rival-copies.ts";
import { ServingSlots } from "./serving-slots.ts";
import { Telling } from "./telling.ts";
import { sendAway, welcome } from "./welcome.ts";

export type SwarmOptions = {
  readonly core: EngineCore;
  readonly peerId: Uint8Array;
  readonly names: SwarmNames;
  readonly down: TokenBuckets;
  readonly closedSwarm: boolean;
  readonly superSeed: boolean;
  readonly conversation: Conversation;
  readonly connected: (session: PeerSession) => void;
  readonly disconnected: (session: PeerSession, why: string) => void;
};

export class Swarm implements SessionHost {
  readonly sessions = new Map<number, Session>();
  readonly #asking: AskingOrder<PeerSession>;
  readonly down = new RateMeter();
  readonly up = new RateMeter();
  bytesWasted = 0;
  readonly #options: SwarmOptions;
  #flow: SwarmFlow | undefined;
  #nextId = 1;
  #requesting: Requesting | undefined;
  #copies: RivalCopies | undefined;
  #telling: Telling | undefined;
  #cooperation: Cooperation | undefined;
  readonly #slots: ServingSlots;

  constructor(options: SwarmOptions) {
    this.#options = options;
    this.#asking = new AskingOrder(options.core.world.random);
    this.#slots = new ServingSlots(options.core.world.random, options.closedSwarm, this.sessions);
  }

  get isFlowing(): boolean {
    return this.#flow !== undefined;
  }

  /** The metadata is known and the disk was looked at: blocks may flow. */
  begin(flow: SwarmFlow): void {
    this.#flow = flow;
    this.#slots.begin(flow);
    const { core, down, closedSwarm: cooperative } = this.#options;
    const sessions = () => this.sessions.values();
    const requesting = (this.#requesting = new Requesting({ ...flow, down, cooperative, sessions }));
    this.#copies = new RivalCopies({ ...flow, sessions });
    const { random } = core.world;
    if (cooperative) this.#cooperation = new Cooperation({ ...flow, requesting, random, sessions: this.sessions });
    this.#telling = new Telling({ content: flow.content, superSeed: this.#options.superSeed, sessions });
    for (const session of this.sessions.values()) {
      this.#introduce(session);
      session.learnPieces(flow.content.layout.pieceCount);
    }
  }

  adopt(opened: Opened, source: PeerSource, direction: "dialled" | "accepted"): void {
    const session = new Session({
      id: this.#nextId++,
      stream: opened.stream,
      source,
      direction,
      ours: opened.ours,
      theirs: opened.theirs,
      host: this,
      pieceCount: this.#flow?.content.layout.pieceCount,
    });
    this.sessions.set(session.id, session);
    this.#asking.joined(session);
    opened.handOver({
      place: () => session.place(),
      onData: (bytes) => session.received(bytes),
      onDrain: () => this.#flow?.uploads.pump(session),
      onClose: (why) => session.close(why),
    });
    const verdict = welcome(session, this.sessions.values(), this.#options.peerId);
    if ("refused" in verdict) return sendAway(session, verdict.refused, this.#options.core.world.clock);
    verdict.replaces?.close("connected-already");
    this.#options.connected(session);
    if (this.#flow !== undefined) this.#introduce(session);
    this.#options.conversation.greet(session);
    session.start(opened.rest);
  }

  #introduce(session: Session): void {
    this.#cooperation?.introduce();
    this.#telling?.introduce(session, this.nowMs());
    this.#slots.offer(session, this.nowMs());
  }

  announce(piece: number): void {
    this.#telling?.changed(piece, this.#cooperation?.verified(piece));
  }

  /** What we want has changed: a piece came, files were chosen, a piece was lost. */
  reconsiderAll(): void {
    for (const session of this.sessions.values()) this.#reconsider(session);
  }

  dropSeeds(): void {
    for (const session of this.sessions.values()) if (session.has?.isFull === true) session.close("both-complete");
  }

  /** Of one host, or of all. */
  closeAll(why: string, host?: string): void {
    for (const session of this.sessions.values()) {
      if (host === undefined || session.stream.remote.host === host) session.close(why);
    }
  }

  tick(nowMs: MonotonicMs, elapsedMs: number): void {
    this.down.tick(elapsedMs);
    this.up.tick(elapsedMs);
    if (this.sessions.size === 0) return;
    this.#flow?.picker.refresh();
    this.#telling?.tick(nowMs);
    this.#flow?.uploads.tick(nowMs);
    this.#slots.tick(nowMs);
    for (const session of this.sessions.values()) {
      session.tick(nowMs, elapsedMs);
      if (!session.closed && session.weWant && session.window.size === 0) this.#reconsider(session);
    }
    this.moveAll();
  }

  /** Limits gave tokens back, or memory came free. */
  moveAll(): void {
    for (const session of this.#asking.turns()) {
      this.requestMore(session);
      this.#flow?.uploads.pump(session);
    }
  }

  requestMore(session: PeerSession): void {
    this.#requesting?.askMore(session, this.nowMs());
  }

  #reconsider(session: PeerSession): void {
    if (this.#flow !== undefined && session.has !== undefined)
      session.setWanting(this.#flow.picker.isUseful(session.has));
  }

  nowMs(): MonotonicMs {
    return nowOf(this.#options.core);
  }

  isV2(infoHash: Uint8Array): boolean {
    const { v2 } = this.#options.names;
    return v2 !== undefined && bytesEqual(v2, infoHash);
  }

  pieceBytes(piece: number): number | undefined {
    const layout = this.#flow?.content.layout;
    const index = layout?.piece(piece);
    return layout === undefined || index === undefined ? undefined : layout.paddedBytes(index);
  }

  hasPiece(piece: number): boolean {
    return this.#flow?.content.have.has(piece) ?? false;
  }

  placeOf: SessionHost["placeOf"] = (...arriving) => this.#copies?.placeOf(...arriving);
  landingPlace: SessionHost["landingPlace"] = (session, next) => this.#flow?.assembly.landings.place(session, next);

  blockArrived(session: PeerSession, range: BlockRange, bytes: Buffer): void {
    const { piece, beginBytes, lengthBytes } = range;
    const { picker, assembly } = present(this.#flow, "a flow that asked for the block");
    const block = beginBytes / BLOCK_BYTES;
    const key = blockKey(piece, block);
    session.window.arrived(key, this.nowMs());
    this.down.add(lengthBytes);
    const isTwice = (picker.active.get(piece)?.askedOf(block) ?? 0) > 1;
    if (isTwice) this.#requesting?.cancelElsewhere(session, key, this.sessions.values());
    this.#cooperation?.blockArrived(session, piece, isTwice);
    assembly.arrived(piece, block, session.stream.remote.host, bytes);
  }

  wasted(bytes: number): void {
    this.bytesWasted += bytes;
    this.down.add(bytes);
  }

  requestsLost(session: PeerSession, keys: readonly BlockKey[]): void {
    if (this.#cooperation?.givenBack(session, keys, this.nowMs()) === true) return;
    this.#requesting?.giveBack(session, keys);
    // Blocks came free: whoever is idle may want them.
    for (const other of this.sessions.values()) if (other !== session) this.requestMore(other);
  }

  snubbed(session: PeerSession): void {
    this.#flow?.picker.disown(session.id);
  }

  chokeChanged(session: PeerSession): void {
    this.requestMore(session);
  }

  wantChanged(session: PeerSession): void {
    // A peer that wants nothing for a moment keeps its place until the next round: it may want the next piece.
    if (session.wantsUs) this.#slots.offer(session, this.nowMs());
  }

  piecesTold(session: PeerSession): void {
    if (this.#flow === undefined || session.has === undefined) return;
    this.#flow.picker.peerCame(session.has);
    this.#telling?.met(session.has, this.nowMs());
    this.#dropIfBothComplete(session);
    this.#reconsider(session);
  }

  pieceTold(session: PeerSession, piece: number): void {
    if (this.#flow === undefined || session.has === undefined) return;
    this.#flow.picker.peerGot(piece, session.has);
    this.#telling?.arrived(session, piece, this.nowMs());
    this.#flow.uploads.arrived(session, piece);
    this.#dropIfBothComplete(session);
    if (!session.weWant && this.#flow.picker.isWanted(piece)) session.setWanting(true);
    this.#cooperation?.pieceTold(session, piece, this.nowMs());
  }

  suggested(session: PeerSession): void {
    this.#cooperation?.offered(session, this.nowMs());
  }

  pieceUntold(session: PeerSession, piece: number): void {
    if (session.has !== undefined) this.#flow?.picker.peerLost(piece, session.has);
    this.#reconsider(session);
  }

  #dropIfBothComplete(session: PeerSession): void {
    if (session.has?.isFull === true && this.#flow?.content.have.isFull === true) session.close("both-complete");
  }

  requested(session: PeerSession, request: IncomingRequest): void {
    this.#flow?.uploads.requested(session, request);
  }

  cancelled(session: PeerSession, request: IncomingRequest): void {
    this.#flow?.uploads.cancelled(session, request);
  }

  extendedMessage(session: PeerSession, extendedId: number, payload: Uint8Array): string | undefined {
    return this.#options.conversation.extended(session, extendedId, payload);
  }

  hashMessage(session: PeerSession, message: HashMessage): string | undefined {
    return this.#options.conversation.hashes(session, message);
  }

  nodeTold(session: PeerSession, port: number): void {
    this.#options.conversation.node.told(session, port);
  }

  tickEnded(session: PeerSession): void {
    this.requestMore(session);
    if (session.requestsIn.length > 0) this.#flow?.uploads.pump(session);
    if (this.#telling?.isSpreading === false) this.#cooperation?.balance(this.nowMs());
  }

  sessionClosed(session: PeerSession, why: string): void {
    this.sessions.delete(session.id);
    this.#asking.left(session);
    this.#telling?.left(session);
    const flow = this.#flow;
    if (flow !== undefined) {
      if (session.has !== undefined && session.has.count > 0) flow.picker.peerWent(session.has);
      flow.uploads.forget(session);
      flow.assembly.landings.forget(session);
      session.forgetRequests();
      flow.picker.disown(session.id);
    }
    this.#options.conversation.left(session);
    this.#options.disconnected(session, why);
  }
}
