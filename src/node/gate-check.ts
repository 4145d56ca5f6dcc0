// Whether a gate stops this computer now: the rule that does it, since when, how it recognised the traffic, where to ask.

import { printable } from "../base/printable.ts";
import type { GateBlocks } from "../wire/api/v1/gate.ts";
import { GateBlocks as GateBlocksForm } from "../wire/api/v1/gate.ts";
import { ROUTES } from "../wire/api/v1/routes.ts";
import type { Check } from "../wire/local/status.ts";
import { bad, good } from "./check.ts";
import type { PortalClient } from "./portal/client.ts";

type Block = GateBlocks["blocks"][number];

const NAME = "gate";
const WHAT = "No gate stops this computer's traffic.";
const DEEDS: Readonly<Record<Block["treatment"], string>> = {
  refused: "is refused",
  throttled: "is slowed",
  "over-quota": "has used up its quota",
};

/** One check for each block; those of the same person's other devices are left to those devices. */
export async function checkGate(client: PortalClient, deviceId: string): Promise<Check[]> {
  const { method, path } = ROUTES.listBlocks;
  const told = await client.call({ method, path: `${path}?scope=mine` }, GateBlocksForm);
  // An older portal has no such route, and one that does not answer is said elsewhere.
  if (!told.ok) return [];
  const own = told.value.blocks.filter((block) => block.deviceId === deviceId || block.deviceId === null);
  return own.length === 0
    ? [good(NAME, WHAT)]
    : own.map((block) => blocked(block, `${client.url}/ask?device=${deviceId}`));
}

function blocked(block: Block, askUrl: string): Check {
  const since = `since ${momentText(block.sinceMs)}, last at ${momentText(block.lastMs)}`;
  const rule = `the rule "${block.rule}" of the gate ${block.gate}`;
  const why = `Its ${block.application} traffic ${DEEDS[block.treatment]} by ${rule}, ${since}. ${block.why.sentence} (${block.why.code})`;
  const next = `Close the program that does it, and ask for what you need: ${askUrl}`;
  return bad(NAME, WHAT, printable(why, 800), next);
}

function momentText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
