// Tells those whom a gate's report concerns that their list of blocks changed: the owners of the devices in it, now or
// in what the same gate said before, and those who see everything. Nobody learns of anybody else's.

import type { GateBlockReport } from "../../wire/api/v1/gate.ts";
import type { ReportReply } from "../../wire/api/v1/transfer.ts";
import type { Core } from "../core.ts";
import { reportBlocks } from "./blocks.ts";

export async function takeBlocks(core: Core, report: GateBlockReport, nowMs: number): Promise<ReportReply> {
  const before = core.blocks.select(() => true, nowMs).filter((block) => block.gate === report.gate);
  const reply = reportBlocks(core, report, nowMs);
  const concerned = [...before, ...report.blocks];
  if (concerned.length === 0) return reply;
  const devices = new Set(concerned.flatMap(({ deviceId }) => deviceId ?? []));
  const people = await ownersOf(core, [...devices]);
  core.hub.push({ people, ability: "see-all-transfers" }, { type: "blocks" });
  return reply;
}

async function ownersOf(core: Core, devices: readonly string[]): Promise<string[]> {
  if (devices.length === 0) return [];
  const rows = await core.database
    .selectFrom("device")
    .select("person_id")
    .distinct()
    .where("id", "in", devices)
    .where("state", "=", "active")
    .execute();
  return rows.map((row) => row.person_id);
}
