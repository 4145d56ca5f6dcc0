// A whole swarm on one seed: who is there, what goes wrong and when, and what must hold at every step of it.

import { createHash, type Hash } from "node:crypto";
import { assert } from "../src/base/assert.ts";
import type { TorrentEvent } from "../src/engine/contract.ts";
import { SimClock } from "../src/world/sim/clock.ts";
import { SimNet } from "../src/world/sim/net.ts";
import { SeededRandom } from "../src/world/sim/random.ts";
import { makeContent, type SimContent } from "./content.ts";
import { SimNode, type SimRole } from "./node.ts";

export type SwarmOptions = {
  readonly seed: number;
  readonly leechers: number;
  readonly seeders: number;
  /** Nodes that hold everything and serve every second piece with a flipped bit. */
  readonly poisoners: number;
  readonly contentBytes: number;
  readonly pieceLengthBytes: number;
  readonly latencyMs: number;
  readonly bytesPerSecond: number;
  /** How many crashes, walls and full disks strike; all are healed before the end. */
  readonly faults: number;
  /** Within what time they all start: people do not press the button in the same instant, a benchmark does. */
  readonly startSpreadMs: number;
  /** Whether the members trust each other and care for the completion of all. */
  readonly closedSwarm: boolean;
  readonly deadlineMs: number;
};

export type SwarmOutcome = {
  /** SHA-256 over every event in its order: the same seed gives the same hash. */
  readonly traceHash: string;
  readonly events: number;
  readonly simulatedMs: number;
  readonly finishedAtMs: readonly number[];
  readonly piecesFailed: number;
  readonly hostsBanned: number;
};

const PEERS_KNOWN = 24;
/** Faults strike in the first part of the time that the content needs at least, and heal within it. */
const FAULT_SPREAD = 4;

export class Swarm {
  readonly #options: SwarmOptions;
  readonly #random: SeededRandom;
  readonly #clock = new SimClock();
  readonly #net: SimNet;
  readonly #content: SimContent;
  readonly #nodes: SimNode[] = [];
  readonly #trace: Hash = createHash("sha256");
  readonly #finished = new Map<SimNode, number>();
  #events = 0;
  #piecesFailed = 0;
  readonly #banned = new Set<string>();

  constructor(options: SwarmOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    const { latencyMs, bytesPerSecond } = options;
    this.#net = new SimNet(this.#clock, this.#random, { latencyMs, bytesPerSecond, lossRate: 0 });
    this.#content = makeContent(options.seed, options.contentBytes, options.pieceLengthBytes);
    this.#populate("seeder", options.seeders);
    this.#populate("poisoner", options.poisoners);
    this.#populate("leecher", options.leechers);
  }

  async run(): Promise<SwarmOutcome> {
    for (const node of this.#nodes) {
      this.#clock.after(this.#random.below(this.#options.startSpreadMs), () => void this.#start(node));
    }
    for (let n = 0; n < this.#options.faults; n++) this.#planFault();
    const leechers = this.#nodes.filter((node) => node.role === "leecher");
    while (this.#finished.size < leechers.length && this.#clock.monotonicMs() < this.#options.deadlineMs) {
      await this.#clock.advance(1_000);
    }
    const late = leechers.filter((node) => !this.#finished.has(node));
    assert(late.length === 0, `every leecher finishes once faults heal: ${late.map(stateOf).join("; ")}`);
    for (const node of leechers) this.#checkDisk(node);
    return {
      traceHash: this.#trace.digest("hex"),
      events: this.#events,
      simulatedMs: this.#clock.monotonicMs(),
      finishedAtMs: [...this.#finished.values()].sort((a, b) => a - b),
      piecesFailed: this.#piecesFailed,
      hostsBanned: this.#banned.size,
    };
  }

  #populate(role: SimRole, count: number): void {
    for (let n = 0; n < count; n++) {
      const number = this.#nodes.length + 1;
      this.#nodes.push(
        new SimNode({
          clock: this.#clock,
          net: this.#net,
          content: this.#content,
          address: `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
          role,
          closedSwarm: this.#options.closedSwarm,
          seed: this.#random.next32(),
          seen: (node, event) => this.#seen(node, event),
        }),
      );
    }
  }

  async #start(node: SimNode): Promise<void> {
    const others = this.#nodes.filter((other) => other !== node);
    const known = new Set<SimNode>(others.filter((other) => other.role === "seeder"));
    while (known.size < Math.min(PEERS_KNOWN, others.length)) {
      const other = others[this.#random.below(others.length)];
      if (other !== undefined) known.add(other);
    }
    await node.start(Array.from(known, (other) => other.endpoint));
  }

  #seen(node: SimNode, event: TorrentEvent): void {
    this.#events += 1;
    this.#trace.update(`${this.#clock.monotonicMs()} ${node.address} ${JSON.stringify(event, plain)}\n`);
    switch (event.type) {
      case "pieceVerified":
        this.#checkPiece(node, event.piece);
        break;
      case "pieceFailed":
        this.#piecesFailed += 1;
        assert(this.#options.poisoners > 0, `a bad piece at ${node.address}, and nobody lies`);
        break;
      case "peerBanned":
        this.#banned.add(event.host);
        this.#checkBan(event.host);
        break;
      case "finished":
        if (node.role === "leecher") this.#finished.set(node, this.#clock.monotonicMs());
        break;
      default:
        break;
    }
  }

  /** What counts as verified is on the disk, byte for byte. */
  #checkPiece(node: SimNode, piece: number): void {
    const { pieceLengthBytes } = this.#options;
    const right = this.#content.bytes.subarray(piece * pieceLengthBytes, (piece + 1) * pieceLengthBytes);
    const there = node.pieceOnDisk(piece);
    assert(there !== undefined && Buffer.from(there).equals(right), `piece ${piece} of ${node.address} is right`);
  }

  #checkDisk(node: SimNode): void {
    const pieces = Math.ceil(this.#options.contentBytes / this.#options.pieceLengthBytes);
    for (let piece = 0; piece < pieces; piece++) this.#checkPiece(node, piece);
  }

  #checkBan(host: string): void {
    const banned = this.#nodes.find((node) => node.address === host);
    assert(banned?.role === "poisoner", `only liars are banned, and ${host} is a ${banned?.role}`);
  }

  #planFault(): void {
    const fluidMs = (this.#options.contentBytes * 1_000) / this.#options.bytesPerSecond;
    const strikesMs = 1_000 + this.#random.below(Math.ceil(FAULT_SPREAD * fluidMs));
    const lastsMs = 1_000 + this.#random.below(30_000);
    const leechers = this.#nodes.filter((node) => node.role === "leecher");
    const victim = leechers[this.#random.below(leechers.length)];
    const kind = this.#random.below(3);
    this.#clock.after(strikesMs, () => {
      if (victim === undefined) return;
      if (kind === 0) this.#crash(victim, lastsMs);
      else if (kind === 1) this.#wall(lastsMs);
      else this.#fillUp(victim, lastsMs);
    });
  }

  #crash(victim: SimNode, lastsMs: number): void {
    if (victim.torrent === undefined || this.#finished.has(victim)) return;
    victim.crash();
    this.#clock.after(lastsMs, () => void this.#start(victim));
  }

  /** Half of the hosts cannot reach the other half. */
  #wall(lastsMs: number): void {
    for (const node of this.#nodes) this.#net.partition(node.address, this.#random.below(2));
    this.#clock.after(lastsMs, () => this.#net.heal());
  }

  #fillUp(victim: SimNode, lastsMs: number): void {
    victim.disk.capacityBytes = 0;
    this.#clock.after(lastsMs, () => victim.disk.repair());
  }
}

function stateOf(node: SimNode): string {
  const status = node.torrent?.status();
  return status === undefined
    ? `${node.address} is off`
    : `${node.address} ${JSON.stringify(status.state)} ${status.piecesDone}/${status.piecesTotal}, ${status.peersConnected} peers`;
}

function plain(key: string, value: unknown): unknown {
  return key === "metainfo" || key === "cause" ? undefined : value;
}
