// Routes about who is asking: sessions, people, devices.

import * as device from "./device.ts";
import { ByIdParams, Empty } from "./field.ts";
import * as person from "./person.ts";
import { PolicyText } from "./policy.ts";
import type { Route } from "./route.ts";

const byId = { params: ByIdParams };

export const IDENTITY_ROUTES = {
  signIn: {
    method: "POST",
    path: "/api/v1/session",
    summary: "Sign in by login and password",
    body: person.SignIn,
    reply: person.Session,
  },
  signInByLink: {
    method: "POST",
    path: "/api/v1/session/link",
    summary: "Sign in by a one-time link's token",
    body: person.LinkSignIn,
    reply: person.Session,
  },
  signOut: { method: "DELETE", path: "/api/v1/session", summary: "Sign out", reply: Empty },
  me: { method: "GET", path: "/api/v1/me", summary: "Who is asking, and what they may do", reply: person.Me },
  changePassword: {
    method: "POST",
    path: "/api/v1/me/password",
    summary: "Set or change one's own password",
    body: person.PasswordChange,
    reply: Empty,
  },
  policy: { method: "GET", path: "/api/v1/policy", summary: "The acceptable-use policy", reply: PolicyText },
  listPeople: {
    method: "GET",
    path: "/api/v1/people",
    summary: "People with an account",
    query: person.PeopleQuery,
    reply: person.People,
  },
  addPerson: {
    method: "POST",
    path: "/api/v1/people",
    summary: "Create an account",
    body: person.NewPerson,
    reply: person.Person,
  },
  changePerson: {
    method: "PATCH",
    path: "/api/v1/people/:id",
    summary: "Change roles, disable or enable, link two accounts of one human being",
    ...byId,
    body: person.PersonPatch,
    reply: person.Person,
  },
  issueSignInLink: {
    method: "POST",
    path: "/api/v1/people/:id/sign-in-link",
    summary: "A one-time link that signs this person in",
    ...byId,
    reply: person.SignInLink,
  },
  issueJoinToken: {
    method: "POST",
    path: "/api/v1/join-tokens",
    summary: "A one-time token with which a device of one's own joins",
    reply: device.JoinToken,
  },
  join: {
    method: "POST",
    path: "/api/v1/join",
    summary: "Enrol a device by a one-time token",
    body: device.Join,
    reply: device.Joined,
  },
  listDevices: {
    method: "GET",
    path: "/api/v1/devices",
    summary: "One's own devices; everybody's for those who manage people",
    reply: device.Devices,
  },
  removeDevice: {
    method: "DELETE",
    path: "/api/v1/devices/:id",
    summary: "Remove a device; its grants end",
    ...byId,
    reply: Empty,
  },
} as const satisfies Readonly<Record<string, Route>>;
