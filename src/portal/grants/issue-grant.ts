// An approval becomes a grant: claims, signature, row, event, in the transaction of the last approval.

import type { Selectable } from "kysely";
import type { Content, GrantClaims, Zone } from "../../domain/grant.ts";
import { GRANT_FORM } from "../../wire/api/grant-token.ts";
import { sealToken } from "../../wire/api/sealed-token.ts";
import type { Act } from "../commit.ts";
import type { Core } from "../core.ts";
import type { DeviceRow } from "../devices/device.ts";
import { newIdentifier, newToken } from "../identifier.ts";
import type { RequestTable } from "../store/tables.ts";
import { pushGrant } from "./end-grant.ts";

/** What the approvers left of the request. */
export type Narrowed = {
  readonly durationSeconds: number;
  readonly maxBytes?: number;
  /** Empty: every zone. */
  readonly zones: readonly Zone[];
};

export type GrantBasis = {
  readonly request: Selectable<RequestTable>;
  readonly device: DeviceRow;
  readonly approvers: readonly string[];
  readonly narrowed: Narrowed;
};

/** Gives the grant's id. DESIGN: the clock of a grant starts at approval. */
export async function issueGrant(core: Core, act: Act, basis: GrantBasis): Promise<string> {
  const id = newIdentifier(core.world.entropy, "G");
  const { request, approvers } = basis;
  const trackerKey = request.application === "bittorrent" ? newToken(core.world.entropy).reveal() : null;
  const claims = claimsOf(core, basis, { id, trackerKey, startSeconds: Math.floor(act.nowMs / 1000) });
  const jws = await sealToken(
    GRANT_FORM,
    { ...claims, zones: [...claims.zones], approvers: [...approvers] },
    core.key.sealing,
  );
  const row = {
    id,
    number: request.number,
    person_id: request.person_id,
    device_id: request.device_id,
    direction: request.direction,
    application: request.application,
    swarm: request.swarm,
    torrent_id: request.torrent_id,
    info_hash_v1: request.info_hash_v1,
    info_hash_v2: request.info_hash_v2,
    name: request.name,
    total_bytes: request.total_bytes,
    state: "active",
    claims: JSON.stringify(claims),
    jws,
    starts_at_ms: claims.nbf * 1000,
    expires_at_ms: claims.exp * 1000,
    ended_at_ms: null,
    ended_by: null,
    ended_why: null,
    revocation_kind: null,
    tracker_key: trackerKey,
  } as const;
  await act.tx.insertInto("grant").values(row).execute();
  act.record("grant.issued", id, {
    request: claims.req,
    person: claims.sub,
    device: claims.dev,
    approvers,
    expiresAtSeconds: claims.exp,
  });
  pushGrant(act, row, "active", jws);
  return id;
}

function claimsOf(
  core: Core,
  { request, device, approvers, narrowed }: GrantBasis,
  made: { readonly id: string; readonly trackerKey: string | null; readonly startSeconds: number },
): GrantClaims {
  const { id, trackerKey, startSeconds } = made;
  return {
    v: 1,
    jti: id,
    sub: request.person_id,
    dev: device.id,
    dvk: device.key_thumbprint,
    dir: request.direction,
    app: request.application,
    content: contentOf(request),
    swarm: request.swarm,
    zones: narrowed.zones,
    ...(narrowed.maxBytes === undefined ? {} : { maxBytes: narrowed.maxBytes }),
    nbf: startSeconds,
    exp: startSeconds + narrowed.durationSeconds,
    iat: startSeconds,
    req: `R-${request.number}`,
    approvers,
    policy: request.policy_version,
    ...(trackerKey === null ? {} : { tracker: `${core.origin()}/tracker/${trackerKey}/announce` }),
  };
}

/** The content of a stored request or grant. */
export function contentOf(row: {
  readonly name: string;
  readonly info_hash_v1: string | null;
  readonly info_hash_v2: string | null;
  readonly total_bytes: number | null;
}): Content {
  return {
    ...(row.info_hash_v1 === null ? {} : { infoHashV1: row.info_hash_v1 }),
    ...(row.info_hash_v2 === null ? {} : { infoHashV2: row.info_hash_v2 }),
    name: row.name,
    ...(row.total_bytes === null ? {} : { totalBytes: row.total_bytes }),
  };
}
