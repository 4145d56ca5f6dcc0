// The handshake of a new connection, from either side, until a session can take over.

import { bytesEqual } from "../../base/bytes.ts";
import {
  decodeHandshake,
  encodeHandshake,
  HANDSHAKE_BYTES,
  HANDSHAKE_HASH_AT_BYTES,
  HANDSHAKE_HASH_END_BYTES,
  type Handshake,
  mayBeHandshake,
} from "../../wire/peer/handshake.ts";
import type { Clock, Timer } from "../../world/clock.ts";
import type { PeerStream, StreamHandlers } from "../transport/transport.ts";

const HANDSHAKE_MS = 10_000;

/** Both handshakes are here. The taker becomes the stream's reader; `rest` is what arrived behind the handshake. */
export type Opened = {
  readonly stream: PeerStream;
  readonly ours: Handshake;
  readonly theirs: Handshake;
  readonly rest: Uint8Array;
  handOver(handlers: StreamHandlers): void;
};

export type OpeningRole =
  /** We send first. `accepts` lists the hashes that may come back (BEP 52: a hybrid may be upgraded). */
  | { readonly role: "dialler"; readonly ours: Handshake; readonly accepts: readonly Uint8Array[] }
  /** The peer names the torrent; `answer` gives our handshake for it, or undefined to refuse. */
  | { readonly role: "acceptor"; readonly answer: (infoHash: Uint8Array, upgrade: boolean) => Handshake | undefined };

export type OpeningEnd = { readonly opened: Opened } | { readonly failed: string };

export function open(stream: PeerStream, role: OpeningRole, clock: Clock, ended: (end: OpeningEnd) => void): void {
  const opening = new Opening(stream, role, clock, ended);
  stream.start(opening.handlers);
  opening.begin();
}

class Opening {
  readonly handlers: StreamHandlers;
  readonly #stream: PeerStream;
  readonly #role: OpeningRole;
  readonly #ended: (end: OpeningEnd) => void;
  readonly #timer: Timer;
  #bytes: Buffer = Buffer.alloc(0);
  #ours: Handshake | undefined;
  #done = false;
  /** Who reads once the handshake is done. */
  #reader: StreamHandlers | undefined;

  constructor(stream: PeerStream, role: OpeningRole, clock: Clock, ended: (end: OpeningEnd) => void) {
    this.#stream = stream;
    this.#role = role;
    this.#ended = ended;
    // H64, H65: a connection that says nothing holds its place for ten seconds.
    this.#timer = clock.after(HANDSHAKE_MS, () => this.#fail("handshake-timed-out"));
    this.handlers = {
      place: () => this.#reader?.place?.(),
      onData: (bytes) => (this.#reader === undefined ? this.#received(bytes) : this.#reader.onData(bytes)),
      onDrain: () => this.#reader?.onDrain(),
      onClose: (why) => (this.#reader === undefined ? this.#fail(why) : this.#reader.onClose(why)),
    };
  }

  begin(): void {
    if (this.#role.role !== "dialler") return;
    this.#ours = this.#role.ours;
    this.#stream.write(encodeHandshake(this.#role.ours));
  }

  #received(bytes: Uint8Array): void {
    if (this.#done) return;
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (!mayBeHandshake(this.#bytes)) return this.#fail("not-bittorrent");
    if (this.#ours === undefined && this.#bytes.length >= HANDSHAKE_HASH_END_BYTES && !this.#answer()) return;
    if (this.#bytes.length < HANDSHAKE_BYTES || this.#ours === undefined) return;
    const theirs = decodeHandshake(this.#bytes);
    if (!theirs.ok) return this.#fail(theirs.error);
    if (this.#role.role === "dialler" && !this.#role.accepts.some((hash) => bytesEqual(hash, theirs.value.infoHash))) {
      return this.#fail("another-torrent");
    }
    this.#finish(this.#ours, theirs.value);
  }

  #answer(): boolean {
    if (this.#role.role !== "acceptor") return true;
    const infoHash = Uint8Array.from(this.#bytes.subarray(HANDSHAKE_HASH_AT_BYTES, HANDSHAKE_HASH_END_BYTES));
    const bound = this.#stream.boundInfoHash;
    if (bound !== undefined && !bytesEqual(bound, infoHash)) {
      this.#fail("another-torrent");
      return false;
    }
    const upgrade = ((this.#bytes[27] ?? 0) & 0x10) !== 0;
    const ours = this.#role.answer(infoHash, upgrade);
    if (ours === undefined) {
      this.#fail("unknown-torrent");
      return false;
    }
    this.#ours = ours;
    this.#stream.write(encodeHandshake(ours));
    return true;
  }

  #finish(ours: Handshake, theirs: Handshake): void {
    this.#done = true;
    this.#timer.cancel();
    this.#ended({
      opened: {
        stream: this.#stream,
        ours,
        theirs,
        rest: Uint8Array.from(this.#bytes.subarray(HANDSHAKE_BYTES)),
        handOver: (handlers) => {
          this.#reader = handlers;
        },
      },
    });
    if (this.#reader === undefined) this.#stream.close("refused");
  }

  #fail(why: string): void {
    if (this.#done) return;
    this.#done = true;
    this.#timer.cancel();
    this.#stream.close(why);
    this.#ended({ failed: why });
  }
}
