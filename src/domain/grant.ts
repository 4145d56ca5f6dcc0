// A grant: a signed permission. Who, on what, which way, which application, which content, where, how much, when, why.

import type { PersonId } from "./person.ts";

export const DIRECTIONS = ["download", "share"] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const APPLICATIONS = ["bittorrent", "emule", "soulseek"] as const;
export type Application = (typeof APPLICATIONS)[number];

export const SWARMS = ["open", "closed"] as const;
export type SwarmKind = (typeof SWARMS)[number];

export const ZONES = ["campus", "vpn", "residence"] as const;
export type Zone = (typeof ZONES)[number];

/** `G-…` */
export type GrantId = string;
/** `D-…` */
export type DeviceId = string;

export const GRANT_STATES = ["active", "expired", "revoked", "returned"] as const;
export type GrantState = (typeof GRANT_STATES)[number];

/** Which content: info-hashes in lowercase hexadecimal (40 and 64 characters), a name for people. */
export type Content = {
  readonly infoHashV1?: string;
  readonly infoHashV2?: string;
  readonly name: string;
  readonly totalBytes?: number;
};

/** The claims of the grant's token (wire/api/grant-token.ts). Times are whole seconds since the epoch, as in JWT. */
export type GrantClaims = {
  readonly v: 1;
  readonly jti: GrantId;
  readonly sub: PersonId;
  readonly dev: DeviceId;
  /** RFC 7638 thumbprint of the device's public key. */
  readonly dvk: string;
  readonly dir: Direction;
  readonly app: Application;
  readonly content: Content;
  readonly swarm: SwarmKind;
  /** Empty: every zone. */
  readonly zones: readonly Zone[];
  readonly maxBytes?: number;
  readonly nbf: number;
  readonly exp: number;
  readonly iat: number;
  readonly req: string;
  readonly approvers: readonly PersonId[];
  readonly policy: string;
  readonly tracker?: string;
};

/** Why a grant ended before its time. Only "revoked" denies other grants for the same content. */
export type RevocationKind = "revoked" | "returned";

export type Revocation = {
  readonly grant: GrantId;
  readonly atSeconds: number;
  readonly kind: RevocationKind;
  readonly why: string;
};

export type RevocationList = {
  readonly v: 1;
  /** Rises with every list; whoever has seen a higher one refuses this. */
  readonly n: number;
  readonly iat: number;
  readonly maxAgeSeconds: number;
  readonly revoked: readonly Revocation[];
};

/** The state that time gives to a grant which nobody ended. */
export function stateAt(
  grant: { readonly state: GrantState; readonly expiresAtMs: number },
  nowMs: number,
): GrantState {
  return grant.state === "active" && grant.expiresAtMs <= nowMs ? "expired" : grant.state;
}
