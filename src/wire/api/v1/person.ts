// People and their sessions.

import { type Static, Type } from "typebox";
import { AtMs, exact, Id, Role, Text } from "./field.ts";

const Login = Type.String({ minLength: 1, maxLength: 64, pattern: "^[a-z0-9][a-z0-9._@-]*$" });
const Password = Type.String({ minLength: 10, maxLength: 256 });

export const Person = Type.Object(
  {
    id: Id,
    login: Login,
    name: Type.String(),
    email: Type.Union([Type.String(), Type.Null()]),
    roles: Type.Array(Role),
    disabled: Type.Boolean(),
    /** People with the same humanId are one human being with several accounts. */
    humanId: Id,
    createdAtMs: AtMs,
  },
  exact,
);
export type Person = Static<typeof Person>;

export const PeopleQuery = Type.Object({ q: Type.Optional(Text(100)) }, exact);
export const People = Type.Object({ people: Type.Array(Person) }, exact);
export type People = Static<typeof People>;

export const NewPerson = Type.Object(
  {
    login: Login,
    name: Type.String({ minLength: 1, maxLength: 200, pattern: "\\S" }),
    email: Type.Optional(Type.String({ maxLength: 254, pattern: "^[^\\s@]+@[^\\s@]+$" })),
    roles: Type.Array(Role, { minItems: 1, maxItems: 5, uniqueItems: true }),
    password: Type.Optional(Password),
  },
  exact,
);
export type NewPerson = Static<typeof NewPerson>;

export const PersonPatch = Type.Object(
  {
    roles: Type.Optional(Type.Array(Role, { minItems: 1, maxItems: 5, uniqueItems: true })),
    disabled: Type.Optional(Type.Boolean()),
    /** Declares this account and the named one to be the same human being. */
    linkTo: Type.Optional(Id),
    reason: Type.Optional(Text(500)),
  },
  exact,
);
export type PersonPatch = Static<typeof PersonPatch>;

export const SignInLink = Type.Object({ url: Type.String(), expiresAtMs: AtMs }, exact);
export type SignInLink = Static<typeof SignInLink>;

export const PasswordChange = Type.Object({ current: Type.Optional(Text(256)), password: Password }, exact);
export type PasswordChange = Static<typeof PasswordChange>;

export const SignIn = Type.Object(
  { login: Type.String({ minLength: 1, maxLength: 64 }), password: Type.String({ minLength: 1, maxLength: 256 }) },
  exact,
);
export type SignIn = Static<typeof SignIn>;

export const LinkSignIn = Type.Object({ token: Type.String({ minLength: 20, maxLength: 100 }) }, exact);
export type LinkSignIn = Static<typeof LinkSignIn>;

/** The session token also goes out as the cookie `sg_session`; programs send it as `Authorization: Bearer`. */
export const Session = Type.Object({ person: Person, token: Type.String(), expiresAtMs: AtMs }, exact);
export type Session = Static<typeof Session>;

export const Me = Type.Object(
  {
    person: Person,
    abilities: Type.Array(Type.String()),
    /** Set when a device, not a person, is asking. */
    deviceId: Type.Union([Id, Type.Null()]),
    hasPassword: Type.Boolean(),
    institution: Type.String(),
    policyVersion: Type.String(),
    sessionExpiresAtMs: Type.Union([AtMs, Type.Null()]),
  },
  exact,
);
export type Me = Static<typeof Me>;
