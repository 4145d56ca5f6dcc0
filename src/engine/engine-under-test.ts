// Engines in the simulated world, torrents for them, and a scripted peer that says whatever a test wants said.

import { ok as truthy } from "node:assert/strict";
import { present } from "../base/assert.ts";
import type { Endpoint } from "../domain/address/endpoint.ts";
import { leavesOf, levelsAbove, rootOf } from "../domain/metainfo/merkle.ts";
import type { Metainfo } from "../domain/metainfo/metainfo.ts";
import { hashPieceV2, pieceLevels, sha1 } from "../domain/metainfo/piece-hash.ts";
import { encode } from "../wire/bencode/encode.ts";
import { parseTorrent } from "../wire/metainfo/parse.ts";
import type { PeerMessage } from "../wire/peer/format.ts";
import { encodeHandshake, HANDSHAKE_BYTES, type HandshakeBit } from "../wire/peer/handshake.ts";
import { decodeMessage, encodeMessage } from "../wire/peer/message.ts";
import type { Listener, TcpSocket } from "../world/net.ts";
import { SimClock } from "../world/sim/clock.ts";
import { SimDisk } from "../world/sim/disk.ts";
import { SeededEntropy } from "../world/sim/entropy.ts";
import { SimNet } from "../world/sim/net.ts";
import { SeededRandom } from "../world/sim/random.ts";
import type { Engine, EngineOptions, Torrent, TorrentEvent, TorrentOptions } from "./contract.ts";
import { createEngine } from "./engine.ts";

export const PORT = 6881;

export class TestWorld {
  readonly clock = new SimClock();
  readonly random: SeededRandom;
  readonly net: SimNet;
  readonly disks = new Map<string, SimDisk>();

  constructor(seed = 1, bytesPerSecond = 10_000_000, uplinkBytesPerSecond = bytesPerSecond) {
    this.random = new SeededRandom(seed);
    const rates = { bytesPerSecond, uplinkBytesPerSecond };
    this.net = new SimNet(this.clock, this.random, { latencyMs: 5, lossRate: 0, ...rates });
  }

  disk(host: string): SimDisk {
    const disk = this.disks.get(host) ?? new SimDisk(this.clock);
    this.disks.set(host, disk);
    return disk;
  }

  async engine(host: string, options: EngineOptions = {}): Promise<Engine> {
    const engine = await createEngine(
      { listen: [{ host, port: PORT }], ...options },
      {
        clock: this.clock,
        random: this.random,
        entropy: new SeededEntropy(this.random.below(1 << 30)),
        net: this.net.host(host),
        disk: this.disk(host),
      },
    );
    truthy(engine.ok);
    return engine.value;
  }

  /** Runs until the condition holds; false when it does not within the time. */
  async until(condition: () => boolean, withinMs = 600_000): Promise<boolean> {
    const end = this.clock.monotonicMs() + withinMs;
    while (!condition() && this.clock.monotonicMs() < end) await this.clock.advance(50);
    return condition();
  }
}

export type Sample = { readonly metainfo: Metainfo; readonly bytes: Uint8Array };

/** A torrent of one bare file, `content.bin`. */
export function sampleTorrent(
  options: { format?: "v1" | "v2"; bytes?: number; pieceBytes?: number; seed?: number; private?: boolean } = {},
): Sample {
  const { format = "v1", pieceBytes = 32 * 1024, seed = 7 } = options;
  const count = options.bytes ?? 8 * pieceBytes - 1000;
  const random = new SeededRandom(seed);
  const bytes = Uint8Array.from({ length: count }, () => random.below(256));
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < count; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  const name = "content.bin";
  const leaves = leavesOf(bytes);
  const root = rootOf({ hashes: leaves, level: 0, levels: levelsAbove(leaves.length / 32) });
  const layer = Buffer.concat(pieces.map((piece) => hashPieceV2(piece, pieceLevels(pieceBytes))));
  const secrecy = options.private === true ? { private: 1 } : {};
  const torrent =
    format === "v1"
      ? {
          info: {
            length: count,
            name,
            "piece length": pieceBytes,
            pieces: Buffer.concat(pieces.map(sha1)),
            ...secrecy,
          },
        }
      : {
          info: {
            "file tree": { [name]: { "": { length: count, "pieces root": root } } },
            "meta version": 2,
            name,
            "piece length": pieceBytes,
          },
          "piece layers": new Map([[Buffer.from(root).toString("latin1"), layer]]),
        };
  const parsed = parseTorrent(encode(torrent));
  truthy(parsed.ok);
  return { metainfo: parsed.value, bytes };
}

export function add(engine: Engine, sample: Sample, options: Partial<TorrentOptions> = {}): Torrent {
  const added = engine.add({
    source: { kind: "metainfo", metainfo: sample.metainfo },
    storage: { rootDir: "/downloads" },
    resumeDir: "/resume",
    ...options,
  });
  truthy(added.ok);
  return added.value;
}

/** Puts the content where the torrent expects it. */
export function fill(disk: SimDisk, sample: Sample): void {
  truthy(disk.replace("/downloads/content.bin", sample.bytes).ok);
}

export function eventsOf(torrent: Torrent): TorrentEvent[] {
  const events: TorrentEvent[] = [];
  torrent.on((event) => events.push(event));
  return events;
}

export function contentOn(disk: SimDisk): Uint8Array | undefined {
  return disk.contentOf("/downloads/content.bin")?.now;
}

/** A peer that a test speaks for. */
export class ScriptedPeer {
  readonly heard: PeerMessage[] = [];
  closedWhy: string | undefined;
  /** Called for each message, to answer it. */
  answer: (message: PeerMessage) => void = () => undefined;
  #socket: TcpSocket | undefined;
  #bytes = Buffer.alloc(0);
  #shaken = false;

  async dial(world: TestWorld, from: string, to: Endpoint): Promise<this> {
    const dialling = world.net.host(from).dialTcp(to, new AbortController().signal);
    await world.clock.advance(50);
    const dialled = await dialling;
    truthy(dialled.ok);
    this.#take(dialled.value);
    return this;
  }

  /** Waits for connections; each one is this peer again. */
  async listen(world: TestWorld, host: string, onOpen: () => void): Promise<Listener> {
    const listening = await world.net.host(host).listenTcp(
      { host, port: PORT },
      () => true,
      (socket) => {
        this.#bytes = Buffer.alloc(0);
        this.#shaken = false;
        this.#take(socket);
        onOpen();
      },
    );
    truthy(listening.ok);
    return listening.value;
  }

  #take(socket: TcpSocket): void {
    this.#socket = socket;
    socket.start({
      onData: (bytes) => this.#received(bytes),
      onDrain: () => undefined,
      onClose: (why) => {
        this.closedWhy = why;
      },
    });
  }

  handshake(infoHash: Uint8Array, options: { bits?: HandshakeBit[]; peerId?: Uint8Array } = {}): void {
    const bits = new Set<HandshakeBit>(options.bits ?? ["fast", "extended"]);
    this.raw(encodeHandshake({ bits, infoHash, peerId: options.peerId ?? new Uint8Array(20).fill(0x61) }));
  }

  send(...messages: PeerMessage[]): void {
    for (const message of messages) this.raw(encodeMessage(message));
  }

  raw(bytes: Uint8Array): void {
    present(this.#socket, "a connection").write(bytes);
  }

  close(): void {
    this.#socket?.close("closed");
  }

  of<Type extends PeerMessage["type"]>(type: Type): Extract<PeerMessage, { type: Type }>[] {
    return this.heard.filter((one): one is Extract<PeerMessage, { type: Type }> => one.type === type);
  }

  #received(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (!this.#shaken) {
      if (this.#bytes.length < HANDSHAKE_BYTES) return;
      this.#shaken = true;
      this.#bytes = this.#bytes.subarray(HANDSHAKE_BYTES);
    }
    while (this.#bytes.length >= 4) {
      const length = this.#bytes.readUInt32BE();
      if (this.#bytes.length < 4 + length) return;
      const body = Uint8Array.from(this.#bytes.subarray(4, 4 + length));
      this.#bytes = this.#bytes.subarray(4 + length);
      if (length === 0) continue;
      const decoded = decodeMessage(body);
      truthy(decoded.ok && decoded.value.type !== "unknown");
      this.heard.push(decoded.value);
      this.answer(decoded.value);
    }
  }
}

/** Answers requests with the sample's bytes, changed by `alter`. */
export function serve(
  peer: ScriptedPeer,
  sample: Sample,
  alter: (data: Uint8Array, piece: number) => void = () => undefined,
): void {
  peer.answer = (message) => {
    if (message.type === "interested") peer.send({ type: "unchoke" });
    if (message.type !== "request") return;
    const begin = message.piece * sample.metainfo.pieceLengthBytes + message.beginBytes;
    const data = Uint8Array.from(sample.bytes.subarray(begin, begin + message.lengthBytes));
    alter(data, message.piece);
    peer.send({ type: "piece", piece: message.piece, beginBytes: message.beginBytes, data });
  };
}
