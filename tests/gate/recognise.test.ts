// GATE.md's goals, asserted over the captures that others made: what is recognised, how soon, and that nothing ordinary
// is ever taken for peer-to-peer.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { FlowLine } from "../../src/gate/flow-line.ts";
import {
  capturesFolder,
  classifyFile,
  flowKey,
  lineKey,
  readTruth,
  type TrueFlow,
  trueApplication,
} from "./captures.ts";

const folder = capturesFolder();
const options = { skip: folder === undefined ? "the shared captures are not on this machine" : false };

type Scored = { readonly flow: TrueFlow; readonly line: FlowLine | undefined; readonly capture: string };

async function scoreP2p(): Promise<Scored[]> {
  const scored: Scored[] = [];
  for (const capture of readTruth(folder ?? "")) {
    if (capture.kind !== "p2p") continue;
    const lines = new Map((await classifyFile(join(folder ?? "", capture.file))).map((line) => [lineKey(line), line]));
    for (const flow of capture.flows) {
      const isScored = trueApplication(flow) !== undefined && (flow.l4 === "tcp" || flow.l4 === "udp");
      if (isScored) scored.push({ flow, line: lines.get(flowKey(flow.l4, flow.a, flow.b)), capture: capture.file });
    }
  }
  return scored;
}

const isRight = ({ flow, line }: Scored): boolean => line?.application === trueApplication(flow);
const isMse = ({ flow }: Scored): boolean => /^mse/i.test(flow.evidence);
const isOneSided = ({ flow }: Scored): boolean => flow.evidence === "mse-first-payload-only";
const isObfuscatedEmule = ({ flow }: Scored): boolean => flow.truth === "eDonkey" && /obfuscated/.test(flow.evidence);
const isP2p = ({ flow }: Scored): boolean => trueApplication(flow) !== null;

function assertShare(scored: readonly Scored[], least: number): void {
  assert.ok(scored.length > 0, "there is something to score");
  const wrong = scored.filter((one) => !isRight(one));
  const share = 1 - wrong.length / scored.length;
  assert.ok(share >= least, `${share}: ${wrong.map((one) => JSON.stringify(one)).join("\n")}`);
}

test("goal 1: no flow of any ordinary capture is taken for peer-to-peer, Teredo included", options, async () => {
  let flows = 0;
  for (const capture of readTruth(folder ?? "").filter(({ kind }) => kind === "nonp2p")) {
    const lines = await classifyFile(join(folder ?? "", capture.file));
    flows += lines.length;
    assert.deepEqual(
      lines.filter((line) => line.application !== null),
      [],
      capture.file,
    );
  }
  assert.ok(flows > 1000, `${flows} ordinary flows were looked at`);
});

test("goal 1: ordinary flows inside peer-to-peer captures stay ordinary", options, async () => {
  assertShare(
    (await scoreP2p()).filter((one) => !isP2p(one)),
    1,
  );
});

test("goal 2: at least 99.5 % of plain flows are recognised", options, async () => {
  assertShare(
    (await scoreP2p()).filter((one) => isP2p(one) && !isMse(one) && !isObfuscatedEmule(one)),
    0.995,
  );
});

test("goal 3: at least 90 % of two-sided MSE handshakes are recognised", options, async () => {
  assertShare(
    (await scoreP2p()).filter((one) => isMse(one) && !isOneSided(one)),
    0.9,
  );
});

test("goal 4: plain Kad is recognised always, obfuscated Kad and eD2k in at least 80 % of flows", options, async () => {
  const scored = await scoreP2p();
  assertShare(
    scored.filter(({ flow }) => flow.evidence === "Kad plain"),
    1,
  );
  assertShare(scored.filter(isObfuscatedEmule), 0.8);
});

test("goal 5: every Soulseek and Direct Connect flow is recognised", options, async () => {
  assertShare(
    (await scoreP2p()).filter(({ flow }) => flow.truth === "Soulseek" || flow.truth === "DirectConnect"),
    1,
  );
});

test(
  "goal 6: plain flows are decided by the fourth payload packet, and so are nine in ten of all",
  options,
  async () => {
    const decided = (await scoreP2p()).filter((one) => isP2p(one) && isRight(one));
    const late = decided.filter(({ line }) => (line?.decidedAtPacket ?? 0) > 4);
    assert.ok(late.every((one) => isMse(one) || isObfuscatedEmule(one)));
    assert.ok(late.length <= decided.length / 10, `${late.length} of ${decided.length}`);
  },
);
