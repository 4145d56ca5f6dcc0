// What gates refused lately, kept so that a blocked person can learn why. It lives in memory: a gate says everything
// again in time, and after a restart the portal soon knows it anew.

import type { Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import type { GateBlock, GateBlockQuery, GateBlockReport, GateBlocks } from "../../wire/api/v1/gate.ts";
import type { ReportReply } from "../../wire/api/v1/transfer.ts";
import { type Caller, requireAbility } from "../caller.ts";
import type { Core } from "../core.ts";

const GATES_MAX = 32;
/** A gate that is silent for so long has nothing to say any more. */
const KEPT_MS = 3_600_000;

type Told = { readonly blocks: readonly GateBlock[]; readonly atMs: number };

export class BlockBoard {
  /** By gate, in the order of the last report. */
  readonly #told = new Map<string, Told>();

  /** False: too many gates have spoken lately. */
  take({ gate, blocks }: GateBlockReport, nowMs: number): boolean {
    this.#forgetOld(nowMs);
    if (!this.#told.has(gate) && this.#told.size >= GATES_MAX) return false;
    this.#told.delete(gate);
    this.#told.set(gate, { blocks, atMs: nowMs });
    return true;
  }

  /** Newest first. */
  select(concerns: (block: GateBlock) => boolean, nowMs: number): GateBlocks["blocks"] {
    this.#forgetOld(nowMs);
    const found = [...this.#told].flatMap(([gate, { blocks }]) =>
      blocks.filter(concerns).map((block) => ({ gate, ...block })),
    );
    return found.sort((a, b) => b.lastMs - a.lastMs);
  }

  #forgetOld(nowMs: number): void {
    for (const [gate, { atMs }] of this.#told) if (nowMs - atMs > KEPT_MS) this.#told.delete(gate);
  }
}

export function reportBlocks(core: Core, report: GateBlockReport, nowMs: number): ReportReply {
  const isTaken = core.blocks.take(report, nowMs);
  const count = report.blocks.length;
  return { accepted: isTaken ? count : 0, refused: isTaken ? 0 : count };
}

export type BlockQuestion = {
  readonly caller: Caller;
  readonly askedFrom: string;
  readonly scope: GateBlockQuery["scope"];
  readonly nowMs: number;
};

/** One's own: those of one's devices, and those of the address from which one asks. */
export async function listBlocks(core: Core, question: BlockQuestion): Promise<Result<GateBlocks, Failure>> {
  const { caller, scope, nowMs } = question;
  const askedFrom = plainAddress(question.askedFrom);
  if (scope === "all") {
    const allowed = requireAbility(caller, "see-all-transfers");
    return allowed.ok ? ok({ askedFrom, blocks: core.blocks.select(() => true, nowMs) }) : allowed;
  }
  const rows = await core.database
    .selectFrom("device")
    .select("id")
    .where("person_id", "=", caller.person.personId)
    .where("state", "=", "active")
    .execute();
  const own = new Set(rows.map((row) => row.id));
  // An address that the gate gives to a device is that device's, whoever asks from it.
  const isOwn = ({ deviceId, address }: GateBlock): boolean =>
    deviceId === null ? address === askedFrom : own.has(deviceId);
  return ok({ askedFrom, blocks: core.blocks.select(isOwn, nowMs) });
}

// A server that listens on both families sees IPv4 callers as ::ffff:10.0.0.1.
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "").toLowerCase();
}
