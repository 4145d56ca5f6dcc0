// Who is asking: nobody yet, a person with a session, or a device that proved its key.

import { type Failure, failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { type Ability, type Identity, may, type Role } from "../domain/person.ts";

export type PersonCaller = {
  readonly kind: "person";
  readonly person: Identity & { readonly name: string; readonly roles: readonly Role[] };
  /** Hash of the session's token. */
  readonly session: string;
  readonly sessionExpiresAtMs: number;
};

/** A device acts for the person who owns it, but never decides and sees only that person's things. */
export type DeviceCaller = {
  readonly kind: "device";
  readonly deviceId: string;
  readonly person: Identity & { readonly name: string; readonly roles: readonly Role[] };
};

export type Caller = PersonCaller | DeviceCaller;

/** Who stands in the record. */
export function actorOf(caller: Caller): string {
  return caller.kind === "device" ? caller.deviceId : caller.person.personId;
}

export function can(caller: Caller, ability: Ability): boolean {
  return caller.kind === "person" ? may(caller.person.roles, ability) : ability === "ask";
}

export function requireAbility(caller: Caller, ability: Ability): Result<undefined, Failure> {
  return can(caller, ability) ? ok() : err(failure("portal.ability_missing", { ability: ABILITY_WORDS[ability] }));
}

/** Somebody's own thing, or one of those that the ability shows. What may not be seen does not exist. */
export function maySee(caller: Caller, personId: string, ability: Ability): boolean {
  return caller.person.personId === personId || can(caller, ability);
}

const ABILITY_WORDS: Readonly<Record<Ability, string>> = {
  ask: "ask for content",
  decide: "decide requests",
  "see-all-transfers": "see other people's transfers",
  "see-audit": "read the record",
  "manage-people": "manage people",
  "see-people": "see other people",
  "run-gate": "report for a gate",
  "enrol-device": "enrol a device",
};
