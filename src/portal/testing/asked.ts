// For tests: what people ask for, and the usual way from asking to a grant.

import { assert } from "../../base/assert.ts";
import { DEFAULT_POLICY } from "../default-policy.ts";
import {
  type Client,
  type DeviceClient,
  memberOf,
  type PersonClient,
  type Reply,
  type TestPortal,
  textOf,
} from "./running-portal.ts";

export const HASH = "ab".repeat(20);

/** A request for one device; every member can be changed. */
export function draftFor(device: { readonly id: string }, change: Readonly<Record<string, unknown>> = {}) {
  return {
    direction: "download",
    application: "bittorrent",
    described: { infoHashV1: HASH, name: "climate-data", totalBytes: 1_000 },
    reason: "for my thesis",
    deviceId: device.id,
    durationSeconds: 3_600,
    policyVersion: DEFAULT_POLICY.version,
    ...change,
  };
}

export async function file(client: Client, draft: unknown): Promise<string> {
  const reply = await client.call("POST", "/api/v1/requests", { body: draft });
  assert(reply.status === 200, `filing was refused: ${reply.text}`);
  return textOf(reply, "id");
}

export function decide(client: Client, id: string, verb: string, body: unknown = { version: 1 }): Promise<Reply> {
  return client.call("POST", `/api/v1/requests/${id}/${verb}`, { body });
}

export type Cast = {
  readonly member: PersonClient;
  readonly reviewer: PersonClient;
  readonly device: DeviceClient;
};

/** A member with a device, and a reviewer. */
export async function cast(portal: TestPortal): Promise<Cast> {
  const member = await portal.person("mia", ["member"]);
  const reviewer = await portal.person("rolf", ["reviewer"]);
  return { member, reviewer, device: await portal.device(member) };
}

/** Files and approves; gives the ids and the grant's token. */
export async function granted(people: Cast, change: Readonly<Record<string, unknown>> = {}) {
  const requestId = await file(people.member, draftFor(people.device, change));
  const approved = await decide(people.reviewer, requestId, "approve");
  assert(approved.status === 200, `approval was refused: ${approved.text}`);
  const grantId = textOf(approved, "grantId");
  const shown = await people.member.call("GET", `/api/v1/grants/${grantId}`);
  return { requestId, grantId, jws: textOf(shown, "jws"), claims: memberOf(shown.body, "claims") };
}
