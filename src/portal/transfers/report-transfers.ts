// What devices say about their transfers, and what they are told to do with them.

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { TransferCommand } from "../../domain/transfer.ts";
import type { CommandReply, ReportReply, TransferReport, TransferReports } from "../../wire/api/v1/transfer.ts";
import { actorOf, type Caller, type DeviceCaller, maySee } from "../caller.ts";
import { type Act, commit } from "../commit.ts";
import type { Core } from "../core.ts";
import { newIdentifier } from "../identifier.ts";
import type { CommandTable } from "../store/tables.ts";
import { type OwnGrant, ownGrants } from "./own-grants.ts";
import { transferById } from "./show-transfer.ts";

export function reportTransfers(
  core: Core,
  caller: DeviceCaller,
  { transfers }: TransferReports,
): Promise<Result<ReportReply, Failure>> {
  return commit(core, caller.deviceId, async (act) => {
    const grants = await ownGrants(
      act.tx,
      caller,
      transfers.map((report) => report.grantId),
    );
    let accepted = 0;
    for (const report of transfers) {
      const grant = grants.get(report.grantId);
      if (grant === undefined || !namesContent(grant, report.infoHash)) continue;
      await keepReport(core, act, caller, report);
      accepted++;
    }
    return ok({ accepted, refused: transfers.length - accepted });
  });
}

function namesContent(grant: OwnGrant, infoHash: string): boolean {
  return infoHash === grant.info_hash_v1 || infoHash === grant.info_hash_v2;
}

async function keepReport(core: Core, act: Act, caller: DeviceCaller, report: TransferReport): Promise<void> {
  const before = await act.tx
    .selectFrom("transfer")
    .select(["id", "state"])
    .where("grant_id", "=", report.grantId)
    .executeTakeFirst();
  const id = before?.id ?? newIdentifier(core.world.entropy, "X");
  const { state, why } = report;
  const changing = { state, why, report: JSON.stringify(report), updated_at_ms: act.nowMs };
  if (before === undefined) {
    const { deviceId, person } = caller;
    const fixed = { id, grant_id: report.grantId, person_id: person.personId, device_id: deviceId };
    await act.tx
      .insertInto("transfer")
      .values({ ...fixed, ...changing, started_at_ms: act.nowMs })
      .execute();
  } else {
    await act.tx.updateTable("transfer").set(changing).where("id", "=", id).execute();
  }
  // Progress is not an event; a change of state is.
  if (before?.state !== state) act.record("transfer.changed", id, { grant: report.grantId, state, why });
  const transfer = await transferById(act.tx, id);
  if (transfer !== undefined) {
    act.push({ people: [caller.person.personId], ability: "see-all-transfers" }, { type: "transfer", transfer });
  }
}

/** Told to the device now if it listens, else when it does. */
export function commandTransfer(
  core: Core,
  caller: Caller,
  id: string,
  command: TransferCommand,
): Promise<Result<CommandReply, Failure>> {
  return commit(core, actorOf(caller), async (act) => {
    const row = await act.tx
      .selectFrom("transfer")
      .select(["person_id", "device_id", "grant_id"])
      .where("id", "=", id)
      .executeTakeFirst();
    if (row === undefined || !maySee(caller, row.person_id, "decide")) {
      return err(failure("portal.thing_unknown", { what: "transfer", id }));
    }
    const commandId = newIdentifier(core.world.entropy, "C");
    const listens = core.hub.isListening(row.device_id);
    const { device_id, grant_id } = row;
    await act.tx
      .insertInto("command")
      .values({
        id: commandId,
        device_id,
        grant_id,
        command,
        at_ms: act.nowMs,
        delivered_at_ms: listens ? act.nowMs : null,
      })
      .execute();
    act.record("transfer.commanded", id, { command, grant: grant_id });
    act.push({ devices: [device_id] }, { type: "command", commandId, grantId: grant_id, command });
    return ok({ commandId });
  });
}

/** Commands that were given while the device did not listen; they count as delivered from now on. */
export async function takeWaitingCommands(
  core: Core,
  deviceId: string,
): Promise<Pick<CommandTable, "id" | "grant_id" | "command">[]> {
  const rows = await core.database
    .updateTable("command")
    .set({ delivered_at_ms: core.world.clock.wallMs() })
    .where("device_id", "=", deviceId)
    .where("delivered_at_ms", "is", null)
    .returning(["id", "grant_id", "command", "at_ms"])
    .execute();
  return rows.sort((a, b) => a.at_ms - b.at_ms);
}
