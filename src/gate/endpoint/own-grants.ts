// The grants of one device out of the signed file: those that hold now.

import type { GrantClaims } from "../../domain/grant.ts";
import { trustedNowMs } from "../../domain/grant-check.ts";
import type { HeldGrants } from "../enforce/grant-book.ts";

/** Without a fresh list of revocations nothing holds. */
export function ownGrants(held: HeldGrants, device: string, nowMs: number): GrantClaims[] {
  const { revocations } = held;
  if (revocations === undefined) return [];
  const nowSeconds = trustedNowMs(nowMs, revocations) / 1000;
  if (nowSeconds - revocations.iat > revocations.maxAgeSeconds) return [];
  const ended = new Set(revocations.revoked.map((entry) => entry.grant));
  return held.grants.filter((grant) => {
    const isNow = grant.nbf <= nowSeconds && nowSeconds < grant.exp;
    return grant.dev === device && isNow && !ended.has(grant.jti);
  });
}
