// Handlers of the routes about who is asking.

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Ability, may } from "../../domain/person.ts";
import type { SignInLink } from "../../wire/api/v1/person.ts";
import { commit } from "../commit.ts";
import type { Core } from "../core.ts";
import { issueJoinToken, join, listDevices, removeDevice } from "../devices/device.ts";
import { addPerson, changePassword, changePerson, listPeople } from "../people/account.ts";
import { issueToken } from "../people/one-time-token.ts";
import { findPerson, personOf } from "../people/person-row.ts";
import { signIn, signInByLink, signOut } from "../people/session.ts";
import { credentialsOf } from "./authenticate.ts";
import type { Handlers } from "./call.ts";

const ABILITIES: readonly Ability[] = [
  "ask",
  "decide",
  "see-all-transfers",
  "see-audit",
  "manage-people",
  "see-people",
  "run-gate",
  "enrol-device",
];

export const IDENTITY_HANDLERS = {
  health: async () => ok({ ok: true }),
  signIn: ({ core, signInGuard, body, request }) =>
    signIn(core, signInGuard, { ...body, address: request.ip, before: sessionBefore(request) }),
  signInByLink: ({ core, body, request }) => signInByLink(core, body.token, sessionBefore(request)),
  signOut: ({ core, caller }) => signOut(core, caller),
  me: async ({ core, caller }) => {
    const row = await findPerson(core.database, caller.person.personId);
    if (row === undefined) return err(failure("portal.sign_in_needed"));
    const person = personOf(row);
    const isDevice = caller.kind === "device";
    return ok({
      person,
      abilities: isDevice ? ["ask"] : ABILITIES.filter((ability) => may(person.roles, ability)),
      deviceId: isDevice ? caller.deviceId : null,
      hasPassword: row.password !== null,
      institution: core.settings.institution,
      policyVersion: core.settings.policy.version,
      sessionExpiresAtMs: isDevice ? null : caller.sessionExpiresAtMs,
    });
  },
  changePassword: ({ core, caller, body }) => changePassword(core, caller, body),
  policy: async ({ core }) => {
    const { institution, policy } = core.settings;
    const rules = policy.rules.map(({ id, says }) => ({ id, says }));
    return ok({ institution, version: policy.version, text: policy.text, rules });
  },
  listPeople: async ({ core, query }) => ok({ people: await listPeople(core.database, query.q) }),
  addPerson: ({ core, caller, body }) => addPerson(core, caller.person.personId, body),
  changePerson: ({ core, caller, params, body }) => changePerson(core, caller.person.personId, params.id, body),
  issueSignInLink: ({ core, caller, params }) => issueSignInLink(core, caller.person.personId, params.id),
  issueJoinToken: ({ core, caller }) => issueJoinToken(core, caller.person.personId),
  join: ({ core, body }) => join(core, body),
  listDevices: async ({ core, caller }) => ok({ devices: await listDevices(core.database, caller) }),
  removeDevice: ({ core, caller, params }) => removeDevice(core, caller, params.id),
} as const satisfies Partial<Handlers>;

/** A link that signs this person in once; the token stands behind the #, so that no server's log sees it. */
export function issueSignInLink(core: Core, actor: string, personId: string): Promise<Result<SignInLink, Failure>> {
  return commit(core, actor, async (act) => {
    const person = await findPerson(act.tx, personId);
    if (person === undefined) return err(failure("portal.thing_unknown", { what: "person", id: personId }));
    if (person.disabled === 1) return err(failure("portal.person_disabled"));
    const { token, expiresAtMs } = await issueToken(core, act, "sign-in", personId);
    act.record("person.link_issued", personId);
    return ok({ url: `${core.origin()}/sign-in#token=${token.reveal()}`, expiresAtMs });
  });
}

function sessionBefore(request: Parameters<typeof credentialsOf>[0]): string | undefined {
  const credentials = credentialsOf(request);
  return credentials.kind === "cookie" ? credentials.token : undefined;
}
