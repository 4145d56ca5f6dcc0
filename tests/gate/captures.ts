// The captures that others made, with the truth about each flow: read where they lie beside the project, never copied.

import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../../scripts/repository.ts";
import { classifyCapture } from "../../src/gate/classify-capture.ts";
import type { FlowLine } from "../../src/gate/flow-line.ts";
import type { Application } from "../../src/gate/why.ts";

export type TrueFlow = {
  readonly l4: string;
  readonly a: readonly [string, number];
  readonly b: readonly [string, number];
  readonly truth: string;
  readonly evidence: string;
};

export type TrueCapture = {
  readonly file: string;
  readonly kind: "p2p" | "nonp2p" | "neutral" | "related";
  readonly flows: readonly TrueFlow[];
};

const APPLICATION_OF: Readonly<Record<string, Application>> = {
  BitTorrent: "bittorrent",
  eDonkey: "emule",
  Soulseek: "soulseek",
  DirectConnect: "directconnect",
  Gnutella: "gnutella",
};

/** The folder of shared test material; undefined on a machine that has none. */
export function capturesFolder(): string | undefined {
  const beside = join(repositoryRoot, "..", "shared");
  const named = process.env["SWARMGATE_SHARED"];
  return [beside, ...(named === undefined ? [] : [named])]
    .map((root) => join(root, "captures"))
    .find((it) => existsSync(it));
}

export function readTruth(folder: string): TrueCapture[] {
  const lines = readFileSync(join(folder, "truth.jsonl"), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as TrueCapture);
}

export async function classifyFile(path: string): Promise<FlowLine[]> {
  const descriptor = openSync(path, "r");
  const lines: FlowLine[] = [];
  try {
    const result = await classifyCapture(
      (room) => readSync(descriptor, room),
      (line) => lines.push(line),
    );
    if (!result.ok) throw new Error(`${path}: ${result.error.code}`);
  } finally {
    closeSync(descriptor);
  }
  return lines;
}

/** undefined for a flow that is not scored. */
export function trueApplication(flow: TrueFlow): Application | null | undefined {
  if (flow.truth === "other") return null;
  return APPLICATION_OF[flow.truth];
}

export function flowKey(l4: string, a: readonly [string, number], b: readonly [string, number]): string {
  const ends = [`${a[0]} ${a[1]}`, `${b[0]} ${b[1]}`].sort();
  return [l4, ...ends].join(" ");
}

export function lineKey(line: FlowLine): string {
  return flowKey(line.proto, [line.src, line.srcPort], [line.dst, line.dstPort]);
}
