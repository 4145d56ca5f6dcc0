// Devices: how one joins, and what is known of it.

import { type Static, Type } from "typebox";
import { AtMs, exact, Id, Named } from "./field.ts";

const B64 = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: "^[A-Za-z0-9_-]+$" });

/** RFC 8037 and RFC 7518: the two kinds of key that a device may hold. */
export const DeviceKey = Type.Object(
  {
    kty: Type.Enum(["OKP", "EC"]),
    crv: Type.Enum(["Ed25519", "P-256"]),
    x: B64(64),
    y: Type.Optional(B64(64)),
  },
  exact,
);
export type DeviceKey = Static<typeof DeviceKey>;

export const RootKey = Type.Object(
  { kty: Type.Literal("OKP"), crv: Type.Literal("Ed25519"), x: B64(64), kid: B64(64) },
  exact,
);
export type RootKey = Static<typeof RootKey>;

export const JoinToken = Type.Object({ token: Type.String(), url: Type.String(), expiresAtMs: AtMs }, exact);
export type JoinToken = Static<typeof JoinToken>;

export const Join = Type.Object(
  {
    token: Type.String({ minLength: 20, maxLength: 100 }),
    publicKeyJwk: DeviceKey,
    name: Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" }),
    platform: Type.String({ minLength: 1, maxLength: 100 }),
  },
  exact,
);
export type Join = Static<typeof Join>;

export const Joined = Type.Object(
  {
    deviceId: Id,
    personId: Id,
    personName: Type.String(),
    rootKeyJwk: RootKey,
    institution: Type.String(),
    portalUrl: Type.String(),
  },
  exact,
);
export type Joined = Static<typeof Joined>;

export const Device = Type.Object(
  {
    id: Id,
    name: Type.String(),
    platform: Type.String(),
    person: Named,
    keyThumbprint: Type.String(),
    state: Type.Enum(["active", "removed"]),
    joinedAtMs: AtMs,
    lastSeenAtMs: Type.Union([AtMs, Type.Null()]),
  },
  exact,
);
export type Device = Static<typeof Device>;

export const Devices = Type.Object({ devices: Type.Array(Device) }, exact);
export type Devices = Static<typeof Devices>;
