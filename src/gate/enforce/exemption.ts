// From active grants to addresses that are open: per device, application and direction, for as long as the grant holds
// and the list of revocations is fresh. The kernel ends each by itself, even when nobody is left to tell it.

import {
  APPLICATIONS,
  type Application,
  type Direction,
  type GrantClaims,
  type RevocationList,
} from "../../domain/grant.ts";
import { CLOCK_SKEW_SECONDS, trustedNowMs } from "../../domain/grant-check.ts";
import { FAMILIES, grantSet, TABLE, WAYS } from "./names.ts";
import { familyOf, type GatePolicy, zoneOf } from "./policy.ts";

export type Exemption = {
  readonly address: string;
  readonly device: string;
  readonly person: string;
  readonly grant: string;
  /** What the grant allows in all, where it says so. */
  readonly maxBytes?: number;
  readonly application: Application;
  readonly direction: Direction;
  readonly seconds: number;
};

/** Pure. Whatever is missing, over or revoked opens nothing. */
export function exemptionsOf(
  grants: readonly GrantClaims[],
  revocations: RevocationList | undefined,
  policy: GatePolicy,
  nowMs: number,
): Exemption[] {
  if (revocations === undefined) return [];
  const nowSeconds = trustedNowMs(nowMs, revocations) / 1000;
  const freshSeconds = revocations.iat + revocations.maxAgeSeconds - nowSeconds;
  const ended = new Set(revocations.revoked.map((entry) => entry.grant));
  const open = grants.filter((grant) => {
    const hasBegun = nowSeconds + CLOCK_SKEW_SECONDS >= Math.max(grant.nbf, grant.iat);
    return hasBegun && nowSeconds < grant.exp && !ended.has(grant.jti);
  });
  return open.flatMap((grant) => {
    const seconds = Math.floor(Math.min(grant.exp - nowSeconds, freshSeconds));
    if (seconds < 1) return [];
    const device = Object.hasOwn(policy.devices, grant.dev) ? policy.devices[grant.dev] : undefined;
    const addresses = (device?.addresses ?? []).filter((address) => isGrantedZone(grant, policy, address));
    return addresses.map((address) => ({
      address,
      device: grant.dev,
      person: grant.sub,
      grant: grant.jti,
      ...(grant.maxBytes === undefined ? {} : { maxBytes: grant.maxBytes }),
      application: grant.app,
      direction: grant.dir,
      seconds,
    }));
  });
}

function isGrantedZone(grant: GrantClaims, policy: GatePolicy, address: string): boolean {
  const zone = zoneOf(policy, address)?.name;
  return grant.zones.length === 0 || grant.zones.some((name) => name === zone);
}

/** One transaction: what was open closes, what is open now opens. */
export function exemptionBatch(exemptions: readonly Exemption[]): string {
  const longest = new Map<string, Map<string, number>>();
  for (const { application, direction, address, seconds } of exemptions) {
    const family = familyOf(address) ?? 4;
    // Who shares is called by others and calls them; who downloads calls others only.
    const ways = direction === "share" ? (["out", "in"] as const) : (["out"] as const);
    for (const way of ways) {
      const name = grantSet(application, way, family);
      const elements = longest.get(name) ?? new Map<string, number>();
      longest.set(name, elements.set(address, Math.max(seconds, elements.get(address) ?? 0)));
    }
  }
  const lines = allSets().map((name) => `flush set ${TABLE} ${name}`);
  for (const [name, elements] of longest) {
    const timed = [...elements].map(([address, seconds]) => `${address} timeout ${seconds}s`);
    lines.push(`add element ${TABLE} ${name} { ${timed.join(", ")} }`);
  }
  return `${lines.join("\n")}\n`;
}

function allSets(): string[] {
  return APPLICATIONS.flatMap((application) =>
    WAYS.flatMap((way) => FAMILIES.map((family) => grantSet(application, way, family))),
  );
}
