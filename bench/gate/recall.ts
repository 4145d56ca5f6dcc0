// How much of each protocol is recognised in the shared captures, and what is wrongly taken for one.

import { join } from "node:path";
import { classifyFile, flowKey, lineKey, readTruth, trueApplication } from "../../tests/gate/captures.ts";

export type Recall = { readonly kind: string; flows: number; right: number };

export async function measureRecall(
  folder: string,
): Promise<{ recall: Recall[]; falsePositives: number; ordinaryFlows: number }> {
  const kinds = new Map<string, Recall>();
  let falsePositives = 0;
  let ordinaryFlows = 0;
  for (const capture of readTruth(folder)) {
    const lines = await classifyFile(join(folder, capture.file));
    if (capture.kind === "nonp2p") {
      ordinaryFlows += lines.length;
      falsePositives += lines.filter((line) => line.application !== null).length;
    }
    if (capture.kind !== "p2p") continue;
    const byKey = new Map(lines.map((line) => [lineKey(line), line]));
    for (const flow of capture.flows) {
      const wanted = trueApplication(flow);
      if (wanted === undefined || wanted === null) continue;
      const kind = kindOf(wanted, flow.evidence);
      const counted = kinds.get(kind) ?? { kind, flows: 0, right: 0 };
      kinds.set(kind, counted);
      counted.flows += 1;
      if (byKey.get(flowKey(flow.l4, flow.a, flow.b))?.application === wanted) counted.right += 1;
    }
  }
  return { recall: [...kinds.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1)), falsePositives, ordinaryFlows };
}

function kindOf(application: string, evidence: string): string {
  if (evidence === "mse-first-payload-only") return `${application}: MSE, one side only`;
  if (/^mse/i.test(evidence)) return `${application}: MSE, both sides`;
  if (/utp/.test(evidence)) return `${application}: uTP`;
  if (/dht/.test(evidence)) return `${application}: DHT`;
  if (/tracker|lsd/.test(evidence)) return `${application}: trackers and local discovery`;
  return /obfuscated/.test(evidence) ? `${application}: obfuscated` : `${application}: plain`;
}
