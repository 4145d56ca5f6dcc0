// A whole swarm on one seed: who is there, what goes wrong and when, and what must hold at every step of it.

import { createHash, type Hash } from "node:crypto";
import { assert, present, unreachable } from "../src/base/assert.ts";
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
  readonly turnBytes?: number;
  /** Share of packets that are lost. */
  readonly lossRate: number;
  /** How many crashes, walls and failing disks strike; all are healed before the end. */
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
  /** What leechers received in vain, as a share of the content, on average. */
  readonly wastedShare: number;
};

const PEERS_KNOWN = 24;
const CONNECTIONS_MAX = 100;
const REQUESTS_MAX = 1024;
const FAULTS = ["crash", "torn-crash", "wall", "disk-full", "read-error", "write-error", "sync-error"] as const;
type Fault = (typeof FAULTS)[number];
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
    const { latencyMs, bytesPerSecond, lossRate, turnBytes } = options;
    this.#net = new SimNet(this.#clock, this.#random, { latencyMs, bytesPerSecond, lossRate, turnBytes });
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
      for (const node of this.#nodes) checkBounds(node);
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
      wastedShare: this.#wastedShare(leechers),
    };
  }

  #wastedShare(leechers: readonly SimNode[]): number {
    const wasted = leechers.reduce((sum, { torrent }) => sum + (torrent?.status().bytesWasted ?? 0), 0);
    return wasted / (leechers.length * this.#options.contentBytes);
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
    const kind = present(FAULTS[this.#random.below(FAULTS.length)], "a kind of fault");
    this.#clock.after(strikesMs, () => {
      if (victim !== undefined) this.#strike(kind, victim, lastsMs);
    });
  }

  #strike(kind: Fault, victim: SimNode, lastsMs: number): void {
    switch (kind) {
      case "crash":
        return this.#crash(victim, "clean", lastsMs);
      case "torn-crash":
        return this.#crash(victim, "torn", lastsMs);
      case "wall":
        return this.#wall(lastsMs);
      case "disk-full":
        victim.disk.capacityBytes = 0;
        break;
      case "read-error":
        victim.disk.break("read", "disk_failed");
        break;
      case "write-error":
        victim.disk.break("write", "disk_failed");
        break;
      case "sync-error":
        victim.disk.break("sync", "disk_failed");
        break;
      default:
        unreachable(kind);
    }
    this.#clock.after(lastsMs, () => victim.repair());
  }

  #crash(victim: SimNode, how: "clean" | "torn", lastsMs: number): void {
    if (victim.torrent === undefined || this.#finished.has(victim)) return;
    victim.crash(how);
    this.#clock.after(lastsMs, () => void this.#start(victim));
  }

  /** Half of the hosts cannot reach the other half. */
  #wall(lastsMs: number): void {
    for (const node of this.#nodes) this.#net.partition(node.address, this.#random.below(2));
    this.#clock.after(lastsMs, () => this.#net.heal());
  }
}

/** What a node holds for others has an end, whatever happens around it. */
function checkBounds({ address, torrent }: SimNode): void {
  const peers = torrent?.peers() ?? [];
  assert(peers.length <= CONNECTIONS_MAX, `${address} has ${peers.length} connections`);
  for (const peer of peers)
    assert(peer.requestsOut <= REQUESTS_MAX, `${address} owes itself ${peer.requestsOut} blocks`);
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
