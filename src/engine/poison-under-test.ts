// One download among liars, on a simulated network: how many of them were found out, and what they cost. For the tests
// of a few cases and for `npm run sim:poison`, which goes through many.

import { present } from "../base/assert.ts";
import { bytesEqual } from "../base/bytes.ts";
import type { TorrentEvent } from "./contract.ts";
import {
  add,
  contentOn,
  eventsOf,
  fill,
  PORT,
  type Sample,
  ScriptedPeer,
  serve,
  TestWorld,
} from "./engine-under-test.ts";

export type Alteration = (data: Uint8Array, piece: number) => void;

/** Which of its blocks the n-th liar alters; `sent` counts the blocks that it sent before. */
export type Lie = (
  block: { readonly data: Uint8Array; readonly piece: number; readonly sent: number },
  liar: number,
) => boolean;

export const LIES = {
  "in everything": () => true,
  "in one block of four": ({ data }) => (data[1] ?? 0) % 4 === 0,
  "in turns": ({ piece }, liar) => piece % 3 === liar % 3,
  "after three pieces": ({ sent }) => sent >= 12,
} as const satisfies Record<string, Lie>;

export type PoisonTrial = {
  readonly sample: Sample;
  readonly honest: number;
  readonly liars: number;
  readonly lie: Lie;
  readonly seed: number;
  readonly bytesPerSecond: number;
  /** Of each host's way out, where it is slower. */
  readonly uplinkBytesPerSecond?: number;
};

export type PoisonOutcome = {
  readonly isRight: boolean;
  readonly liars: readonly string[];
  readonly banned: readonly string[];
  readonly piecesFailed: number;
  /** How many bad pieces the liar that had a part in most of them had a part in before it was banned. */
  readonly badPiecesMost: number;
  readonly wastedShare: number;
  readonly tookMs: number;
};

const LEECH = "10.0.0.2";

export function flip(data: Uint8Array): void {
  data[0] = (data[0] ?? 0) ^ 1;
}

/** A listening peer that claims everything and alters what it sends. */
export async function poisoner(world: TestWorld, host: string, sample: Sample, alter: Alteration): Promise<void> {
  const peer = new ScriptedPeer();
  const number = Number(host.split(".").at(-1));
  await peer.listen(world, host, () => {
    peer.handshake(present(sample.metainfo.infoHashV1 ?? sample.metainfo.infoHashV2?.subarray(0, 20), "a hash"), {
      peerId: new Uint8Array(20).fill(number),
      bits: ["fast"],
    });
    peer.send({ type: "haveAll" });
  });
  serve(peer, sample, alter);
}

export async function honest(world: TestWorld, host: string, sample: Sample): Promise<void> {
  fill(world.disk(host), sample);
  const torrent = add(await world.engine(host), sample);
  await world.until(() => torrent.status().state.at === "seeding");
}

/** Which bad pieces each liar had a part in, until it was banned. */
class LiarsRecord {
  readonly #lies = new Map<string, Set<number>>();
  readonly #bad = new Map<string, Set<number>>();
  readonly #banned = new Set<string>();

  lied(host: string, piece: number): void {
    this.#lies.set(host, (this.#lies.get(host) ?? new Set()).add(piece));
  }

  saw(event: TorrentEvent): void {
    if (event.type === "peerBanned") this.#banned.add(event.host);
    if (event.type !== "pieceFailed") return;
    for (const [host, pieces] of this.#lies) {
      if (this.#banned.has(host) || !pieces.has(event.piece)) continue;
      this.#bad.set(host, (this.#bad.get(host) ?? new Set()).add(event.piece));
    }
  }

  get badPiecesMost(): number {
    return Math.max(0, ...[...this.#bad.values()].map((pieces) => pieces.size));
  }
}

export async function runPoisonTrial(trial: PoisonTrial): Promise<PoisonOutcome> {
  const { sample } = trial;
  const world = new TestWorld(trial.seed, trial.bytesPerSecond, trial.uplinkBytesPerSecond);
  const honestHosts = Array.from({ length: trial.honest }, (_, n) => `10.0.0.${10 + n}`);
  const liars = Array.from({ length: trial.liars }, (_, n) => `10.0.0.${60 + n}`);
  const record = new LiarsRecord();
  // They only read: one disk for all of them, for copies cost more than everything else of a trial.
  const shelf = world.disk("10.0.0.10");
  fill(shelf, sample);
  for (const host of honestHosts) {
    world.disks.set(host, shelf);
    const torrent = add(await world.engine(host), sample);
    await world.until(() => torrent.status().state.at === "seeding");
  }
  for (const [n, host] of liars.entries()) {
    let sent = 0;
    await poisoner(world, host, sample, (data, piece) => {
      const lies = trial.lie({ data, piece, sent }, n);
      if (lies) flip(data);
      if (lies) record.lied(host, piece);
      sent++;
    });
  }
  const startMs = world.clock.monotonicMs();
  const peers = [...liars, ...honestHosts].map((host) => ({ host, port: PORT }));
  const torrent = add(await world.engine(LEECH), sample, { peers });
  const events = eventsOf(torrent);
  torrent.on((event) => record.saw(event));
  const isDone = await world.until(() => torrent.status().state.at === "seeding");
  const content = contentOn(world.disk(LEECH));
  return {
    isRight: isDone && content !== undefined && bytesEqual(content, sample.bytes),
    liars,
    banned: events.flatMap((event) => (event.type === "peerBanned" ? [event.host] : [])).toSorted(),
    piecesFailed: events.filter((event) => event.type === "pieceFailed").length,
    badPiecesMost: record.badPiecesMost,
    wastedShare: torrent.status().bytesWasted / sample.bytes.length,
    tookMs: world.clock.monotonicMs() - startMs,
  };
}
