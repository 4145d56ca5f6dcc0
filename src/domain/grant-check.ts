// The one question that every part asks of a grant: does it cover this, here and now? The default is no.

import type { Application, Direction, GrantClaims, RevocationList, Zone } from "./grant.ts";

export type GrantQuery = {
  /** The device that wants to act, and the thumbprint of the key that it proved to hold. */
  readonly device: { readonly id: string; readonly keyThumbprint: string };
  readonly direction: Direction;
  readonly application: Application;
  /** What is wanted: every info-hash that is known of it. */
  readonly content: { readonly infoHashV1?: string | undefined; readonly infoHashV2?: string | undefined };
  /** Undefined when the asking part does not know where it is; a grant that is bound to zones then does not cover. */
  readonly zone?: Zone | undefined;
  readonly nowMs: number;
  /** The newest list that was accepted (`acceptRevocations`); undefined when none ever was. */
  readonly revocations: RevocationList | undefined;
};

export type GrantDenialCode =
  | "grant.none"
  | "grant.revocations_missing"
  | "grant.revocations_stale"
  | "grant.revoked"
  | "grant.returned"
  | "grant.not_yet"
  | "grant.expired"
  | "grant.other_device"
  | "grant.other_direction"
  | "grant.other_application"
  | "grant.other_content"
  | "grant.other_zone"
  | "grant.overruled";

export type GrantAnswer =
  | { readonly allow: true; readonly claims: GrantClaims }
  | { readonly allow: false; readonly code: GrantDenialCode; readonly why: string };

/** Seconds by which two clocks may differ before a token from the future is refused. */
export const CLOCK_SKEW_SECONDS = 60;

/** Pure. Deny wins; whatever is missing denies. */
export function grantCovers(claims: GrantClaims, query: GrantQuery): GrantAnswer {
  const { device, revocations } = query;
  if (claims.dev !== device.id || claims.dvk !== device.keyThumbprint) {
    return deny("grant.other_device", "the grant was given to another device");
  }
  if (claims.dir !== query.direction) return deny("grant.other_direction", `the grant is to ${claims.dir}`);
  if (claims.app !== query.application) return deny("grant.other_application", `the grant is for ${claims.app}`);
  if (!sameContent(claims.content, query.content)) {
    return deny("grant.other_content", "the grant names other content");
  }
  if (revocations === undefined) {
    return deny("grant.revocations_missing", "no list of revoked grants has been received yet");
  }
  const nowSeconds = trustedNowMs(query.nowMs, revocations) / 1000;
  if (nowSeconds - revocations.iat > revocations.maxAgeSeconds) {
    return deny("grant.revocations_stale", "the list of revoked grants is older than it may be");
  }
  const revoked = revocations.revoked.find((entry) => entry.grant === claims.jti);
  if (revoked !== undefined) {
    return revoked.kind === "returned"
      ? deny("grant.returned", "the grant was given back")
      : deny("grant.revoked", `the grant was revoked: ${revoked.why}`);
  }
  if (nowSeconds >= claims.exp) return deny("grant.expired", "the grant's time is over");
  if (nowSeconds + CLOCK_SKEW_SECONDS < Math.max(claims.nbf, claims.iat)) {
    return deny("grant.not_yet", "the grant's time has not begun");
  }
  if (claims.zones.length > 0 && (query.zone === undefined || !claims.zones.includes(query.zone))) {
    return deny("grant.other_zone", `the grant holds only in: ${claims.zones.join(", ")}`);
  }
  return { allow: true, claims };
}

/**
 * Of several grants. A revocation of one grant for this device, direction and content also denies every grant for the
 * same that was issued before it: somebody decided later that this must stop (deny wins).
 */
export function grantsCover(grants: readonly GrantClaims[], query: GrantQuery): GrantAnswer {
  let first: GrantAnswer = deny("grant.none", "nothing was granted for this content");
  let allowed: GrantAnswer | undefined;
  let stoppedAtSeconds = Number.NEGATIVE_INFINITY;
  for (const claims of grants) {
    const answer = grantCovers(claims, query);
    if (answer.allow) {
      if (allowed?.allow !== true || claims.iat > allowed.claims.iat) allowed = answer;
      continue;
    }
    if (first.allow || first.code === "grant.none" || first.code.startsWith("grant.other_")) first = answer;
    if (answer.code === "grant.revoked") stoppedAtSeconds = Math.max(stoppedAtSeconds, revokedAt(claims, query));
  }
  if (allowed?.allow !== true) return first;
  if (allowed.claims.iat <= stoppedAtSeconds) {
    return deny("grant.overruled", "another grant for the same content was revoked after this one was given");
  }
  return allowed;
}

function revokedAt(claims: GrantClaims, query: GrantQuery): number {
  return query.revocations?.revoked.find((entry) => entry.grant === claims.jti)?.atSeconds ?? Number.NEGATIVE_INFINITY;
}

/** The list itself says how late it is at least: a clock set back extends nothing. */
export function trustedNowMs(nowMs: number, revocations: RevocationList | undefined): number {
  return Math.max(nowMs, (revocations?.iat ?? 0) * 1000);
}

export type RevocationsRefusal = "rolled_back" | "from_future" | "jumped";

/** The largest step of `n` between two lists: a forged jump must not lock out every later list. */
export const REVOCATION_STEP_MAX = 1_000_000;

/** Whether an offered list replaces the held one. The held one stays for every refusal. */
export function acceptRevocations(
  held: RevocationList | undefined,
  offered: RevocationList,
  nowMs: number,
): { readonly accept: true } | { readonly accept: false; readonly why: RevocationsRefusal } {
  if (held !== undefined && (offered.n < held.n || offered.iat < held.iat))
    return { accept: false, why: "rolled_back" };
  if (held !== undefined && offered.n - held.n > REVOCATION_STEP_MAX) return { accept: false, why: "jumped" };
  if (offered.iat > nowMs / 1000 + 10 * CLOCK_SKEW_SECONDS) return { accept: false, why: "from_future" };
  return { accept: true };
}

// At least one hash is equal and none differs: halves of two torrents cannot be mixed.
function sameContent(granted: GrantClaims["content"], wanted: GrantQuery["content"]): boolean {
  const v1 = compareHash(granted.infoHashV1, wanted.infoHashV1);
  const v2 = compareHash(granted.infoHashV2, wanted.infoHashV2);
  return v1 !== "differs" && v2 !== "differs" && (v1 === "equal" || v2 === "equal");
}

function compareHash(a: string | undefined, b: string | undefined): "equal" | "differs" | "unknown" {
  if (a === undefined || b === undefined) return "unknown";
  return a === b ? "equal" : "differs";
}

function deny(code: GrantDenialCode, why: string): GrantAnswer {
  return { allow: false, code, why };
}
