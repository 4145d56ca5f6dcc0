// One connected peer after the handshake: what each side has, wants and owes. Holds the protocol's rules; what follows
// from them is decided by its host. States and transitions are told in STATE.md.

import { present } from "../../base/assert.ts";
import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import { type BlockRange, readRequest } from "../../wire/peer/block-frame.ts";
import { clientOfPeerId } from "../../wire/peer/client-name.ts";
import type { ExtendedHandshake } from "../../wire/peer/extended-handshake.ts";
import { FrameReader } from "../../wire/peer/frame-reader.ts";
import type { Handshake } from "../../wire/peer/handshake.ts";
import { decodeMessage } from "../../wire/peer/message.ts";
import type { MonotonicMs } from "../../world/clock.ts";
import type { PeerSource } from "../discovery/source.ts";
import { RateMeter } from "../limits/rate-meter.ts";
import { Bitfield } from "../picker/bitfield.ts";
import type { PeerStream } from "../transport/transport.ts";
import { handleMessage, handleRequest } from "./message-handlers.ts";
import { Outbox } from "./outbox.ts";
import { RequestWindow } from "./request-window.ts";
import type { IncomingRequest, SessionHost } from "./session-host.ts";

export type SessionOptions = {
  readonly id: number;
  readonly stream: PeerStream;
  readonly source: PeerSource;
  readonly direction: "dialled" | "accepted";
  readonly ours: Handshake;
  readonly theirs: Handshake;
  readonly host: SessionHost;
  /** Undefined until a magnet's metadata is known. */
  readonly pieceCount: number | undefined;
};

/** News that arrives before the metadata does. */
const EARLY_MESSAGES_MAX = 4096;
const KEEP_ALIVE_MS = 100_000;
const SILENT_MS = 150_000;
/** Keep-alives alone hold a connection no longer than this (H64). */
const IDLE_MS = 600_000;

export class Session {
  readonly id: number;
  readonly stream: PeerStream;
  readonly source: PeerSource;
  readonly direction: "dialled" | "accepted";
  readonly peerId: Uint8Array;
  /** The 20 bytes of the handshake: which of a hybrid's two swarms this connection belongs to. */
  readonly infoHash: Uint8Array;
  readonly fast: boolean;
  readonly extended: boolean;
  /** Both run a node of the hash table. */
  readonly dht: boolean;
  readonly v2: boolean;
  readonly host: SessionHost;
  readonly out: Outbox;
  readonly window: RequestWindow;
  readonly down = new RateMeter();
  readonly up = new RateMeter();
  readonly requestsIn: IncomingRequest[] = [];

  /** Undefined until a magnet's metadata is known. */
  has: Bitfield | undefined;
  weChoke = true;
  weWant = false;
  chokesUs = true;
  wantsUs = false;
  servedSinceMs = 0;
  uploadOnly = false;
  /** It is a member of a closed swarm that asks elsewhere for what we refuse, and refuses what it cannot send soon. */
  takesRefusals = false;
  theirHandshake: ExtendedHandshake | undefined;
  client: string;
  /** Whether a bitfield, a "have all" or a have was seen: no bitfield may come after it. */
  piecesTold = false;
  /** Blocks that may still come though we no longer wait for them (cancelled, timed out, choked). */
  lateBlocks = 0;
  closed = false;

  readonly #reader: FrameReader;
  #early: Uint8Array[] = [];
  #receiving: { readonly piece: number; readonly beginBytes: number; readonly bytes: Buffer } | undefined;
  #heardAtMs: MonotonicMs;
  #usefulAtMs: MonotonicMs;
  #spokeAtMs: MonotonicMs;

  constructor(options: SessionOptions) {
    const { stream, host, ours, theirs } = options;
    this.id = options.id;
    this.stream = stream;
    this.source = options.source;
    this.direction = options.direction;
    this.peerId = theirs.peerId;
    this.infoHash = theirs.infoHash;
    this.fast = ours.bits.has("fast") && theirs.bits.has("fast");
    this.extended = ours.bits.has("extended") && theirs.bits.has("extended");
    this.dht = ours.bits.has("dht") && theirs.bits.has("dht");
    this.v2 = host.isV2(theirs.infoHash);
    this.client = clientOfPeerId(theirs.peerId);
    this.host = host;
    this.out = new Outbox(stream);
    const nowMs = host.nowMs();
    this.window = new RequestWindow(nowMs);
    this.#heardAtMs = nowMs;
    this.#usefulAtMs = nowMs;
    this.#spokeAtMs = nowMs;
    if (options.pieceCount !== undefined) this.has = new Bitfield(options.pieceCount);
    this.#reader = new FrameReader({
      blockBegins: (piece, beginBytes, lengthBytes, read, at) =>
        this.#blockBegins({ piece, beginBytes, lengthBytes }, read, at),
      blockEnds: (piece, beginBytes, lengthBytes) => this.#blockEnds(piece, beginBytes, lengthBytes),
      message: (body) => this.#message(body),
      keepAlive: () => undefined,
      fault: (why) => this.close(why),
    });
  }

  /** `rest` is what arrived behind the handshake. */
  start(rest: Uint8Array): void {
    if (rest.length > 0) this.#reader.push(rest);
  }

  received(bytes: Uint8Array): void {
    this.#heardAtMs = this.host.nowMs();
    this.#reader.push(bytes);
    if (!this.closed) this.host.tickEnded(this);
  }

  /** Where the next bytes may be read to, instead of a buffer of the transport's. */
  place(): Buffer | undefined {
    return this.closed ? undefined : this.host.landingPlace(this, this.#reader.next);
  }

  /** Where the block under way goes, if it is this one. */
  receivingPlace(piece: number, block: number): Buffer | undefined {
    const receiving = this.#receiving;
    return receiving?.piece === piece && receiving.beginBytes === block * BLOCK_BYTES ? receiving.bytes : undefined;
  }

  /** The metadata is known now: what was told before is understood. */
  learnPieces(pieceCount: number): void {
    this.has = new Bitfield(pieceCount);
    const early = this.#early;
    this.#early = [];
    this.piecesTold = false;
    for (const body of early) if (!this.closed) this.#message(body);
  }

  keepForLater(body: Uint8Array): void {
    if (this.#early.length >= EARLY_MESSAGES_MAX) this.close("too-many-early-messages");
    else this.#early.push(Uint8Array.from(body));
  }

  setChoking(choke: boolean, nowMs: MonotonicMs): void {
    if (this.weChoke === choke) return;
    this.weChoke = choke;
    this.servedSinceMs = nowMs;
    this.out.message({ type: choke ? "choke" : "unchoke" });
    if (!choke) return;
    // BEP 6: a choke drops nothing silently; each request is answered by a reject.
    for (const request of this.requestsIn.splice(0)) this.reject(request);
  }

  setWanting(want: boolean): void {
    if (this.weWant === want) return;
    this.weWant = want;
    this.out.message({ type: want ? "interested" : "notInterested" });
  }

  reject(request: IncomingRequest): void {
    if (this.fast) this.out.block("reject", request);
  }

  /** Blocks asked for, of one piece or all, go back to the picker; the peer may still send some of them. */
  forgetRequests(piece?: number): void {
    const keys = this.window.dropAll(piece);
    this.lateBlocks += keys.length;
    this.host.requestsLost(this, keys);
  }

  isReceiving({ piece, beginBytes }: Pick<BlockRange, "piece" | "beginBytes">): boolean {
    return this.#receiving?.piece === piece && this.#receiving.beginBytes === beginBytes;
  }

  /** The block under way goes nowhere: somebody else's copy was faster, or its piece is gone. */
  skipBlockOf(piece: number, beginBytes?: number): void {
    const receiving = this.#receiving;
    if (receiving?.piece !== piece || (beginBytes ?? receiving.beginBytes) !== receiving.beginBytes) return;
    this.#receiving = undefined;
    this.#reader.skipBlock();
  }

  /** Once a second. */
  tick(nowMs: MonotonicMs, elapsedMs: number): void {
    this.down.tick(elapsedMs);
    this.up.tick(elapsedMs);
    if (this.window.tick(nowMs, this.down.bytesPerSecond)) {
      this.forgetRequests();
      this.host.snubbed(this);
    }
    if (nowMs - this.#heardAtMs > SILENT_MS) this.close("silent");
    else if (nowMs - this.#usefulAtMs > IDLE_MS) this.close("idle");
    else if (nowMs - this.#spokeAtMs > KEEP_ALIVE_MS) {
      this.#spokeAtMs = nowMs;
      this.out.keepAlive();
    }
  }

  close(why: string): void {
    if (this.closed) return;
    this.closed = true;
    this.#reader.stop();
    this.out.flush();
    this.stream.close(why);
    this.host.sessionClosed(this, why);
  }

  #message(body: Uint8Array): void {
    this.#usefulAtMs = this.#heardAtMs;
    const request = readRequest(body);
    if (request !== undefined) return this.#handled(handleRequest(this, request));
    const decoded = decodeMessage(body);
    if (!decoded.ok) return this.close(decoded.error);
    if (decoded.value.type === "unknown") return;
    this.#handled(handleMessage(this, decoded.value, body));
  }

  #handled(fault: string | undefined): void {
    if (fault !== undefined) this.close(fault);
  }

  #blockBegins(block: BlockRange, read: Buffer, at: number): Buffer | undefined {
    this.#usefulAtMs = this.#heardAtMs;
    const { piece, beginBytes, lengthBytes } = block;
    const target = this.host.placeOf(this, block, read, at);
    if (target !== undefined) {
      this.#receiving = { piece, beginBytes, bytes: target };
      return target;
    }
    this.host.wasted(lengthBytes);
    if (this.lateBlocks > 0) this.lateBlocks--;
    else this.close("unsolicited-block");
    return undefined;
  }

  #blockEnds(piece: number, beginBytes: number, lengthBytes: number): void {
    const { bytes } = present(this.#receiving, "a block that began");
    this.#receiving = undefined;
    this.down.add(lengthBytes);
    this.host.blockArrived(this, { piece, beginBytes, lengthBytes }, bytes);
  }
}
