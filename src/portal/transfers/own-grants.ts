// Which of the grants that a device reports about are its own. Others are left out and counted (HOSTILE 157).

import type { Kysely } from "kysely";
import type { DeviceCaller } from "../caller.ts";
import type { Tables } from "../store/tables.ts";

export type OwnGrant = {
  readonly id: string;
  readonly number: number;
  readonly info_hash_v1: string | null;
  readonly info_hash_v2: string | null;
};

export async function ownGrants(
  tx: Kysely<Tables>,
  caller: DeviceCaller,
  ids: Iterable<string>,
): Promise<ReadonlyMap<string, OwnGrant>> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return new Map();
  const rows = await tx
    .selectFrom("grant")
    .select(["id", "number", "info_hash_v1", "info_hash_v2"])
    .where("device_id", "=", caller.deviceId)
    .where("id", "in", wanted)
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}
