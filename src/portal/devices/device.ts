// Devices: how one joins with its own key, what is known of it, and how it is removed.

import { createPublicKey, type KeyObject } from "node:crypto";
import type { Kysely, Selectable } from "kysely";
import { Value } from "typebox/value";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { keyThumbprint } from "../../wire/api/key-thumbprint.ts";
import { type Device, DeviceKey, type Join, type Joined, type JoinToken } from "../../wire/api/v1/device.ts";
import { actorOf, type Caller, can, maySee } from "../caller.ts";
import { commit } from "../commit.ts";
import type { Core } from "../core.ts";
import { endGrantsWhere } from "../grants/end-grant.ts";
import { newIdentifier } from "../identifier.ts";
import { issueToken, spendToken } from "../people/one-time-token.ts";
import { namesOf } from "../people/person-row.ts";
import type { DeviceTable, Tables } from "../store/tables.ts";

export type DeviceRow = Selectable<DeviceTable>;

const DEVICES_SHOWN_MAX = 2_000;

export function issueJoinToken(core: Core, personId: string): Promise<Result<JoinToken, Failure>> {
  return commit(core, personId, async (act) => {
    const { token, expiresAtMs } = await issueToken(core, act, "join", personId);
    act.record("device.token_issued", personId);
    return ok({ token: token.reveal(), url: `${core.origin()}/join#${token.reveal()}`, expiresAtMs });
  });
}

export async function join(core: Core, call: Join): Promise<Result<Joined, Failure>> {
  const key = readDeviceKey(call.publicKeyJwk);
  if (!key.ok) return key;
  return commit(core, "portal", async (act) => {
    const person = await spendToken(act, "join", call.token);
    if (!person.ok) return person;
    const taken = await act.tx
      .selectFrom("device")
      .select("id")
      .where("key_thumbprint", "=", key.value.thumbprint)
      .executeTakeFirst();
    if (taken !== undefined) return err(failure("portal.device_key_wrong", { detail: "another device has it" }));
    const id = newIdentifier(core.world.entropy, "D");
    await act.tx
      .insertInto("device")
      .values({
        id,
        person_id: person.value.id,
        name: call.name.trim(),
        platform: call.platform,
        public_key: JSON.stringify(call.publicKeyJwk),
        key_thumbprint: key.value.thumbprint,
        state: "active",
        joined_at_ms: act.nowMs,
        last_seen_at_ms: act.nowMs,
      })
      .execute();
    const { thumbprint } = key.value;
    act.record("device.joined", id, { person: person.value.id, name: call.name, key: thumbprint }, person.value.id);
    return ok({
      deviceId: id,
      personId: person.value.id,
      personName: person.value.name,
      rootKeyJwk: core.key.jwk,
      institution: core.settings.institution,
      portalUrl: core.origin(),
    });
  });
}

/** The key of a JWK that is exactly one of the two kinds, with a point that is on its curve. */
function readDeviceKey(jwk: DeviceKey): Result<{ key: KeyObject; thumbprint: string }, Failure> {
  const edwards = jwk.kty === "OKP" && jwk.crv === "Ed25519" && jwk.y === undefined;
  const nist = jwk.kty === "EC" && jwk.crv === "P-256" && jwk.y !== undefined;
  if (!edwards && !nist) return err(failure("portal.device_key_wrong", { detail: "it is of another kind" }));
  try {
    const key = createPublicKey({ key: { ...jwk }, format: "jwk" });
    // What comes back is the one spelling of the key, whatever spelling was sent.
    const { kty, crv, x, y } = key.export({ format: "jwk" });
    const thumbprint = keyThumbprint({
      kty: String(kty),
      crv: String(crv),
      x: String(x),
      ...(y === undefined ? {} : { y }),
    });
    return ok({ key, thumbprint });
  } catch (cause) {
    return err(failure("portal.device_key_wrong", { detail: "it is no valid key" }, cause));
  }
}

export function storedKey(row: Pick<DeviceRow, "public_key">): KeyObject {
  const jwk: unknown = JSON.parse(row.public_key);
  Value.Assert(DeviceKey, jwk);
  return createPublicKey({ key: { ...jwk }, format: "jwk" });
}

/** One's own; everybody's for those who manage people. */
export async function listDevices(tx: Kysely<Tables>, caller: Caller): Promise<Device[]> {
  let query = tx.selectFrom("device").selectAll().orderBy("joined_at_ms", "desc").limit(DEVICES_SHOWN_MAX);
  if (!can(caller, "manage-people")) query = query.where("person_id", "=", caller.person.personId);
  const rows = await query.execute();
  const names = await namesOf(
    tx,
    rows.map((row) => row.person_id),
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    platform: row.platform,
    person: { id: row.person_id, name: names.get(row.person_id) ?? row.person_id },
    keyThumbprint: row.key_thumbprint,
    state: row.state,
    joinedAtMs: row.joined_at_ms,
    lastSeenAtMs: row.last_seen_at_ms,
  }));
}

export function removeDevice(core: Core, caller: Caller, id: string): Promise<Result<Record<string, never>, Failure>> {
  return commit(core, actorOf(caller), async (act) => {
    const row = await act.tx.selectFrom("device").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined || !maySee(caller, row.person_id, "manage-people")) {
      return err(failure("portal.thing_unknown", { what: "device", id }));
    }
    if (row.state === "removed") return ok({});
    await act.tx.updateTable("device").set({ state: "removed" }).where("id", "=", id).execute();
    await endGrantsWhere(core, act, { deviceId: id }, "The device was removed.");
    act.record("device.removed", id, { person: row.person_id });
    act.afterwards(() => core.hub.closeWhere(({ as }) => as.kind === "device" && as.deviceId === id));
    return ok({});
  });
}
