// Enrolment: the device shows the portal its public key and a one-time token, and pins the institution's root key.

import { platform } from "node:os";
import { type Failure, failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { keyThumbprint } from "../wire/api/key-thumbprint.ts";
import { Joined } from "../wire/api/v1/device.ts";
import { openDeviceKey } from "./device-key.ts";
import { PortalClient } from "./portal/client.ts";
import type { Enrolment, Facts } from "./store/facts.ts";
import type { NodeWorld } from "./world.ts";

export type JoinCall = { readonly url: string; readonly token: string; readonly name: string };

/** Failure codes: node.joined_already and those of the portal client. */
export async function joinPortal(
  call: JoinCall,
  place: { readonly folder: string; readonly facts: Facts; readonly world: NodeWorld },
): Promise<Result<Enrolment, Failure>> {
  const known = place.facts.enrolment();
  if (known) {
    return err(failure("node.joined_already", { institution: known.institution, portal: known.portalUrl }));
  }
  const key = openDeviceKey(place.folder);
  const client = new PortalClient(call.url, undefined, place.world);
  const json = { token: call.token, publicKeyJwk: key.publicJwk, name: call.name, platform: platform() };
  const joined = await client.call({ method: "POST", path: "/api/v1/join", json }, Joined);
  if (!joined.ok) return joined;
  const { rootKeyJwk, deviceId, personId, personName, institution } = joined.value;
  // The key's name is computed here: a name that somebody else chose would pin nothing.
  if (keyThumbprint(rootKeyJwk) !== rootKeyJwk.kid) {
    return err(failure("node.portal_answer_invalid", { detail: "its root key has another's name" }));
  }
  // The address that worked is kept: the one that the portal believes to have may not be reachable from here.
  const enrolment = { deviceId, personId, personName, institution, portalUrl: client.url, rootKey: rootKeyJwk };
  place.facts.enrol(enrolment);
  return ok(enrolment);
}
