// Who somebody is to the portal, and what each role may do.

/** `P-…` */
export type PersonId = string;

export const ROLES = ["member", "reviewer", "publisher", "network-officer", "administrator"] as const;
export type Role = (typeof ROLES)[number];

/** What can be done to the portal; each route asks for one of these, never for a role. */
export type Ability =
  | "ask"
  | "decide"
  | "see-all-transfers"
  | "see-audit"
  | "manage-people"
  | "see-people"
  | "run-gate"
  | "enrol-device";

const ABILITIES: Readonly<Record<Role, readonly Ability[]>> = {
  member: ["ask", "enrol-device"],
  reviewer: ["ask", "enrol-device", "decide", "see-all-transfers", "see-people", "see-audit"],
  publisher: ["ask", "enrol-device"],
  "network-officer": ["ask", "enrol-device", "see-all-transfers", "see-people", "see-audit", "run-gate"],
  administrator: ["ask", "enrol-device", "see-all-transfers", "see-people", "see-audit", "run-gate", "manage-people"],
};

export function isRole(text: string): text is Role {
  return ROLES.some((role) => role === text);
}

/** An administrator manages accounts and does not decide requests, unless they are given the reviewer's role too. */
export function may(roles: readonly Role[], ability: Ability): boolean {
  return roles.some((role) => ABILITIES[role].includes(ability));
}

/**
 * Two accounts of one human being share `humanId`. "A person never approves their own request, under any of their
 * identities" is decided by it.
 */
export type Identity = { readonly personId: PersonId; readonly humanId: string };

export function sameHuman(a: Identity, b: Identity): boolean {
  return a.personId === b.personId || a.humanId === b.humanId;
}
