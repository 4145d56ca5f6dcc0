// A web server in the shape of a peer that has everything and chokes nobody. So the picker, the limits, the verification
// and the blame for bad blocks are those of every other peer, and the engine needs no second way to download.

import type { Failure } from "../../base/failure.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { Reach } from "../../domain/address/url-policy.ts";
import { Layout } from "../../domain/metainfo/layout.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import { type BlockRange, PIECE_HEAD_BYTES, readRequest, writePieceHead } from "../../wire/peer/block-frame.ts";
import { FrameReader } from "../../wire/peer/frame-reader.ts";
import { decodeHandshake, encodeHandshake, HANDSHAKE_BYTES } from "../../wire/peer/handshake.ts";
import { decodeMessage, encodeMessage } from "../../wire/peer/message.ts";
import type { GuardedWorld } from "../http/guarded-exchange.ts";
import type { PeerStream, StreamHandlers } from "../transport/transport.ts";
import { fileUrl } from "./file-url.ts";
import { fetchRange } from "./range-fetch.ts";
import { type Run, takeRun } from "./run.ts";

export type WebSeedOptions = {
  readonly url: string;
  readonly torrent: Metainfo;
  readonly remote: Endpoint;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  readonly reach: Reach;
  readonly trustedRoots?: readonly string[];
  /** The server gave what it was asked for. */
  readonly gave: () => void;
  /** The stream has closed: because of the server, or (undefined) because the engine wanted nothing more. */
  readonly ended: (why: Failure | undefined) => void;
};

/** Enough to keep a distant server busy, few enough not to be a nuisance. */
const FETCHES_MAX = 3;

export class WebSeedStream implements PeerStream {
  readonly transport = "web";
  readonly boundInfoHash = undefined;
  readonly remote: Endpoint;
  readonly unsentBytes = 0;
  readonly #options: WebSeedOptions;
  readonly #world: GuardedWorld;
  readonly #layout: Layout;
  readonly #frames: FrameReader;
  readonly #abort = new AbortController();
  readonly #queue: BlockRange[] = [];
  readonly #outgoing: Uint8Array[] = [];
  #opening: Uint8Array | undefined = new Uint8Array(0);
  #handlers: StreamHandlers | undefined;
  #fetching = 0;
  #reading = true;
  #closed = false;

  constructor(options: WebSeedOptions, world: GuardedWorld) {
    this.#options = options;
    this.#world = world;
    this.remote = options.remote;
    this.#layout = new Layout(options.torrent);
    this.#frames = new FrameReader({
      blockBegins: () => undefined,
      blockEnds: () => undefined,
      message: (body) => this.#heard(body),
      keepAlive: () => undefined,
      fault: (why) => this.close(why),
    });
  }

  start(handlers: StreamHandlers): void {
    this.#handlers = handlers;
    this.#deliverSoon();
  }

  write(bytes: Uint8Array, flushed?: () => void): void {
    if (!this.#closed) this.#take(bytes);
    flushed?.();
  }

  setReading(reading: boolean): void {
    this.#reading = reading;
    if (reading) this.#deliverSoon();
  }

  close(why: string): void {
    this.#end(why, undefined);
  }

  #end(why: string, failed: Failure | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#frames.stop();
    this.#abort.abort();
    this.#handlers?.onClose(why);
    this.#options.ended(failed);
  }

  #take(bytes: Uint8Array): void {
    if (this.#opening === undefined) {
      this.#frames.push(bytes);
      return;
    }
    this.#opening = Buffer.concat([this.#opening, bytes]);
    if (this.#opening.length < HANDSHAKE_BYTES) return;
    const [head, rest] = [this.#opening.subarray(0, HANDSHAKE_BYTES), this.#opening.subarray(HANDSHAKE_BYTES)];
    this.#opening = undefined;
    const handshake = decodeHandshake(head);
    if (!handshake.ok) return this.close(handshake.error);
    const { infoHash } = handshake.value;
    this.#say(encodeHandshake({ bits: new Set(["fast"]), infoHash, peerId: this.#options.peerId }));
    this.#say(encodeMessage({ type: "haveAll" }));
    this.#say(encodeMessage({ type: "unchoke" }));
    this.#frames.push(rest);
  }

  #heard(body: Uint8Array): void {
    const request = readRequest(body);
    if (request) {
      this.#queue.push(request);
      // The requests of one batch come in one call: they are looked at together.
      queueMicrotask(() => this.#fetchMore());
      return;
    }
    const message = decodeMessage(body);
    if (message.ok && message.value.type === "cancel") this.#cancel(message.value);
    if (message.ok && message.value.type === "hashRequest")
      this.#say(encodeMessage({ ...message.value, type: "hashReject" }));
  }

  // BEP 6: a cancelled request is answered all the same, with a piece or a reject.
  #cancel({ piece, beginBytes, lengthBytes }: BlockRange): void {
    const at = this.#queue.findIndex((one) => one.piece === piece && one.beginBytes === beginBytes);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    this.#say(encodeMessage({ type: "reject", piece, beginBytes, lengthBytes }));
  }

  #fetchMore(): void {
    while (!this.#closed && this.#reading && this.#fetching < FETCHES_MAX && this.#queue.length > 0) {
      const run = takeRun(this.#queue, this.#layout);
      if (!run) return this.close("request-out-of-range");
      this.#fetching++;
      void this.#fetch(run).then((failed) => {
        this.#fetching--;
        if (failed) this.#end("web-seed-failed", failed);
        else this.#fetchMore();
      });
    }
  }

  async #fetch(run: Run): Promise<Failure | undefined> {
    const bytes = new Uint8Array(run.lengthBytes);
    const { url, torrent, reach, trustedRoots } = this.#options;
    const delivery = new Delivery(run, bytes, (frame) => this.#say(frame));
    for (const part of run.parts) {
      const fetched = await fetchRange(
        {
          url: fileUrl(url, torrent, part.file),
          reach,
          ...(trustedRoots && { trustedRoots }),
          beginBytes: part.fileOffsetBytes,
          into: bytes.subarray(part.runOffsetBytes, part.runOffsetBytes + part.lengthBytes),
          fileBytes: torrent.files[part.file]?.bytes ?? 0,
          signal: this.#abort.signal,
          onProgress: (filledBytes) => delivery.upTo(part.runOffsetBytes + filledBytes),
        },
        this.#world,
      );
      if (!fetched.ok) return fetched.error;
    }
    delivery.upTo(run.lengthBytes);
    this.#options.gave();
    return undefined;
  }

  #say(frame: Uint8Array): void {
    if (this.#closed) return;
    this.#outgoing.push(frame);
    this.#deliverSoon();
  }

  // Never from inside a call of the engine's: a stream calls back later, as a socket does.
  #deliverSoon(): void {
    queueMicrotask(() => {
      while (this.#reading && this.#handlers && !this.#closed) {
        const frame = this.#outgoing.shift();
        if (frame === undefined) break;
        this.#handlers.onData(frame);
      }
      if (this.#reading) this.#fetchMore();
    });
  }
}

/** Hands the blocks of a run over as they fill. */
class Delivery {
  readonly #bytes: Uint8Array;
  readonly #say: (frame: Uint8Array) => void;
  readonly #left: { readonly block: BlockRange; readonly atBytes: number }[];

  constructor(run: Run, bytes: Uint8Array, say: (frame: Uint8Array) => void) {
    this.#bytes = bytes;
    this.#say = say;
    let atBytes = 0;
    this.#left = run.blocks.map((block) => {
      const placed = { block, atBytes };
      atBytes += block.lengthBytes;
      return placed;
    });
  }

  upTo(filledBytes: number): void {
    for (let next = this.#left[0]; next; next = this.#left[0]) {
      const endBytes = next.atBytes + next.block.lengthBytes;
      if (endBytes > filledBytes) return;
      this.#left.shift();
      const frame = Buffer.allocUnsafe(PIECE_HEAD_BYTES + next.block.lengthBytes);
      writePieceHead(frame, 0, next.block);
      frame.set(this.#bytes.subarray(next.atBytes, endBytes), PIECE_HEAD_BYTES);
      this.#say(frame);
    }
  }
}
