import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { array, boolean, constantFrom, property as forAll, integer, assert as property, record } from "fast-check";
import { present } from "../../base/assert.ts";
import { BLOCK_BYTES } from "../../domain/metainfo/layout.ts";
import { encodeMessage } from "../../wire/peer/message.ts";
import { SimClock } from "../../world/sim/clock.ts";
import { SeededRandom } from "../../world/sim/random.ts";
import { sampleTorrent } from "../engine-under-test.ts";
import { Session } from "../peer/session.ts";
import type { PeerSession, SessionHost } from "../peer/session-host.ts";
import { blockKey } from "../picker/block-key.ts";
import { Picker } from "../picker/picker.ts";
import type { StoreRequest } from "../storage/disk-threads.ts";
import { payloadViews } from "../storage/framed-piece.ts";
import { PieceMemory } from "../storage/piece-memory.ts";
import { Assembly } from "./assembly.ts";
import { Content } from "./content.ts";
import { RivalCopies } from "./rival-copies.ts";

const BLOCKS = 8;
const PIECE_BYTES = BLOCKS * BLOCK_BYTES;
const PIECES = 2;
const SAMPLE = sampleTorrent({ pieceBytes: PIECE_BYTES, bytes: PIECES * PIECE_BYTES - 1000 });
/** No peer is sent away here for a block too many. */
const LATE_BLOCKS = 1000;
const MEMORY_BYTES = 16 * 1024 * 1024;

/** A swarm without its policy: an assembly, and peers whose reads go where they said. */
class Host implements SessionHost {
  readonly #clock = new SimClock();
  readonly content = new Content(SAMPLE.metainfo);
  readonly picker = new Picker(
    { pieceCount: PIECES, blockCount: () => BLOCKS, order: "sequential" },
    new SeededRandom(1),
  );
  readonly memory = new PieceMemory(MEMORY_BYTES);
  /** What the disk thread was given, and the bytes as they were then. */
  readonly handed = new Map<number, { readonly memory: SharedArrayBuffer; readonly bytes: Buffer }>();
  readonly assembly = new Assembly({
    content: this.content,
    picker: this.picker,
    memory: this.memory,
    store: { ask: (request) => this.#asked(request), close: (done) => done() },
    events: {
      verified: () => undefined,
      failed: () => undefined,
      foundOut: () => undefined,
      wantLeaves: () => false,
      diskFailed: () => undefined,
    },
    random: new SeededRandom(2),
  });
  readonly peers: Peer[] = [];
  readonly #copies = new RivalCopies({
    picker: this.picker,
    assembly: this.assembly,
    sessions: () => this.peers.map((peer) => peer.session),
  });

  #asked(request: StoreRequest): void {
    if (request.kind === "write") this.handed.set(request.piece, { memory: request.memory, bytes: payload(request) });
  }

  /** Every block of both pieces is asked of whom the function names; of two, it is the endgame. */
  ask(asked: (n: number) => readonly Peer[]): void {
    const first = present(this.peers[0], "a peer");
    const keys: number[] = [];
    const whole = {
      peer: first.session.id,
      has: present(first.session.has, "pieces"),
      count: PIECES * BLOCKS,
      room: 9,
    };
    whole.has.fill();
    this.picker.peerCame(whole.has);
    this.picker.pick({ ...whole, prefersSharing: false, isIdle: true }, () => false, keys);
    equal(keys.length, all.length);
    for (const [n, key] of keys.entries()) {
      const piece = Math.floor(n / BLOCKS);
      this.assembly.request(piece, n % BLOCKS);
      equal(key, blockKey(piece, n % BLOCKS));
      for (const [times, peer] of asked(n).entries()) {
        if (times > 0) this.picker.active.get(piece)?.askAgain(n % BLOCKS);
        peer.session.window.sent(key, this.nowMs());
      }
    }
  }

  nowMs = () => this.#clock.monotonicMs();
  isV2 = () => false;
  pieceBytes = () => PIECE_BYTES;
  hasPiece = () => false;
  placeOf: SessionHost["placeOf"] = (...arriving) => this.#copies.placeOf(...arriving);
  landingPlace: SessionHost["landingPlace"] = (session, next) => this.assembly.landings.place(session, next);
  blockArrived: SessionHost["blockArrived"] = (session, { piece, beginBytes }, bytes) => {
    const block = beginBytes / BLOCK_BYTES;
    const key = blockKey(piece, block);
    session.window.drop(key);
    for (const { session: other } of this.peers) {
      if (other === session || !other.window.drop(key)) continue;
      other.lateBlocks++;
      other.skipBlockOf(piece, beginBytes);
    }
    this.assembly.arrived(piece, block, session.stream.remote.host, bytes);
  };
  requestsLost: SessionHost["requestsLost"] = (session, keys) => {
    for (const key of keys) {
      const piece = Math.floor(key / blockKey(1, 0));
      this.picker.active.get(piece)?.release(key % blockKey(1, 0));
      session.skipBlockOf(piece, (key % blockKey(1, 0)) * BLOCK_BYTES);
    }
  };
  sessionClosed = (session: PeerSession, why: string) => {
    equal(why, "ended", "what was sent is understood, wherever it was read to");
    this.assembly.landings.forget(session);
    session.forgetRequests();
  };
  wasted = () => undefined;
  snubbed = () => undefined;
  chokeChanged = () => undefined;
  wantChanged = () => undefined;
  piecesTold = () => undefined;
  pieceTold = () => undefined;
  pieceUntold = () => undefined;
  suggested = () => undefined;
  nodeTold = () => undefined;
  requested = () => undefined;
  cancelled = () => undefined;
  extendedMessage = () => undefined;
  hashMessage = () => undefined;
  tickEnded = () => undefined;
}

class Peer {
  readonly session: Session;
  #place: Uint8Array | undefined;
  placed = 0;

  constructor(host: Host) {
    const id = host.peers.push(this);
    const hello = { bits: new Set(["fast"] as const), infoHash: new Uint8Array(20), peerId: new Uint8Array(20) };
    const remote = { host: `10.0.0.${id}`, port: 7 };
    this.session = new Session({
      id,
      stream: {
        transport: "tcp",
        remote,
        boundInfoHash: undefined,
        unsentBytes: 0,
        start: () => undefined,
        write: () => undefined,
        setReading: () => undefined,
        close: () => undefined,
      },
      source: "given",
      direction: "dialled",
      ours: hello,
      theirs: hello,
      host,
      pieceCount: PIECES,
    });
    this.session.lateBlocks = LATE_BLOCKS;
  }

  /** As a socket does. A closed one reads nothing. */
  reads(bytes: Uint8Array, cutBytes: number): void {
    for (let at = 0; at < bytes.length && !this.session.closed; ) {
      const place = this.#place?.subarray(0, Math.min(cutBytes, bytes.length - at));
      const part = bytes.subarray(at, at + (place?.length ?? cutBytes));
      place?.set(part);
      if (place !== undefined) this.placed += part.length;
      this.session.received(place ?? Uint8Array.from(part));
      this.#place = this.session.place();
      at += part.length;
    }
  }
}

function payload({ piece, memory }: { readonly piece: number; readonly memory: SharedArrayBuffer }): Buffer {
  return Buffer.concat(payloadViews(Buffer.from(memory), 0, rightBytes(piece).length));
}

function rightBytes(piece: number): Uint8Array {
  return SAMPLE.bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES);
}

function frame(n: number): Uint8Array {
  const piece = Math.floor(n / BLOCKS);
  const beginBytes = (n % BLOCKS) * BLOCK_BYTES;
  const data = Uint8Array.from(rightBytes(piece).subarray(beginBytes, beginBytes + BLOCK_BYTES));
  return encodeMessage({ type: "piece", piece, beginBytes, data });
}

const NOISE = encodeMessage({ type: "have", piece: 0 });
const all = Array.from({ length: PIECES * BLOCKS }, (_, n) => n);

test("pieces that one peer sends in order go to the disk where they were read, without a copy", () => {
  const host = new Host();
  const peer = new Peer(host);
  host.ask(() => [peer]);
  peer.reads(NOISE, 1000);
  peer.reads(Buffer.concat(all.map(frame)), 50_000);
  for (const [piece, { bytes }] of host.handed) deepEqual(bytes, Buffer.from(rightBytes(piece)));
  equal(host.handed.size, PIECES);
  truthy(peer.placed > SAMPLE.bytes.length - 4 * 50_000, "all but the first read and the short ends");
  equal(
    host.memory.bytesTaken,
    3 * present(host.handed.get(0), "a piece").memory.byteLength,
    "two pieces, one landing",
  );
  peer.session.close("ended");
  equal(host.memory.bytesTaken, 2 * present(host.handed.get(0), "a piece").memory.byteLength);
});

test("whatever two peers send, in which order and how cut, what the disk is given is right and is written to no more", () => {
  const step = record({
    block: integer({ min: 0, max: PIECES * BLOCKS - 1 }),
    noise: boolean(),
    cutBytes: constantFrom(1500, 9000, 20_000, 100_000),
    by: constantFrom(0, 0, 0, 1),
    turn: constantFrom("in order", "in order", "jump", "skip", "half", "choke", "close"),
  });
  property(
    forAll(
      array(constantFrom(1, 1, 1, 3), { minLength: 16, maxLength: 16 }),
      array(step, { maxLength: 40 }),
      (who, steps) => {
        const host = new Host();
        const peers = [new Peer(host), new Peer(host)] as const;
        host.ask((n) => peers.filter((_, at) => (((who[n] ?? 1) >> at) & 1) === 1));
        // Where its bytes go is first said after a read.
        for (const peer of peers) peer.reads(NOISE, 1000);
        const halves: (Uint8Array | undefined)[] = [undefined, undefined];
        for (const { block, noise, cutBytes, by, turn } of steps) {
          const peer = peers[by === 1 ? 1 : 0];
          const rest = halves[by];
          halves[by] = undefined;
          if (rest !== undefined) peer.reads(rest, cutBytes);
          const [next] = peer.session.window.keys();
          const due = next === undefined ? block : Math.floor(next / blockKey(1, 0)) * BLOCKS + (next % blockKey(1, 0));
          const n = turn === "jump" ? block : Math.min(all.length - 1, turn === "skip" ? due + 1 : due);
          const behind = [n + 1, n + 2].filter((one) => one < all.length);
          const bytes = Buffer.concat([...(noise ? [NOISE] : []), ...[n, ...behind].map(frame)]);
          if (turn === "close") peer.session.close("ended");
          else if (turn === "choke") peer.session.forgetRequests();
          else peer.reads(turn === "half" ? bytes.subarray(0, 9000) : bytes, cutBytes);
          if (turn === "half") halves[by] = bytes.subarray(9000);
        }
        // Whatever is still missing comes from a third.
        const last = new Peer(host);
        const missing = all.filter(
          (n) => host.picker.active.get(Math.floor(n / BLOCKS))?.isReceived(n % BLOCKS) === false,
        );
        const left = missing.filter((n) => !host.handed.has(Math.floor(n / BLOCKS)));
        for (const n of left) last.session.window.sent(blockKey(Math.floor(n / BLOCKS), n % BLOCKS), host.nowMs());
        last.reads(Buffer.concat(left.map(frame)), 60_000);
        for (const [at, peer] of peers.entries()) {
          const rest = halves[at] ?? Buffer.alloc(0);
          peer.reads(Buffer.concat([rest, ...all.map(frame)]), 60_000);
        }
        equal(host.handed.size, PIECES);
        for (const [piece, { memory, bytes }] of host.handed) {
          deepEqual(bytes, Buffer.from(rightBytes(piece)), "right when it was handed over");
          deepEqual(payload({ piece, memory }), bytes, "and ever since");
        }
      },
    ),
    { numRuns: 60, endOnFailure: true },
  );
});
