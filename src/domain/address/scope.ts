// How far an address reaches, so that nobody outside can make us knock on doors inside.

import ipaddr from "ipaddr.js";

/** `never`: loopback, link-local, multicast, reserved, and forms that embed another address. */
export type AddressScope = "public" | "private" | "never";

const PRIVATE_RANGES: ReadonlySet<string> = new Set(["private", "uniqueLocal", "carrierGradeNat"]);

/** `host` is an IP literal; anything else is `never`. */
export function scopeOf(host: string): AddressScope {
  if (!ipaddr.isValid(host)) return "never";
  const range = ipaddr.process(host).range();
  if (range === "unicast") return "public";
  return PRIVATE_RANGES.has(range) ? "private" : "never";
}

/** Whether two private addresses plainly belong to one network: the same /24, or the same /64 of IPv6. */
function sameNeighbourhood(a: string, b: string): boolean {
  if (!ipaddr.isValid(a) || !ipaddr.isValid(b)) return false;
  const [x, y] = [ipaddr.process(a), ipaddr.process(b)];
  if (x.kind() !== y.kind()) return false;
  const prefixBytes = x.kind() === "ipv4" ? 3 : 8;
  const [left, right] = [x.toByteArray(), y.toByteArray()];
  return left.slice(0, prefixBytes).every((byte, index) => byte === right[index]);
}

/**
 * Whether an address that `teller` named may be tried. Public ones may; private ones only when the teller lives in the
 * same neighbourhood, so that a stranger cannot point us at a printer or a server inside (H62).
 */
export function mayBeTold(host: string, teller: string): boolean {
  const scope = scopeOf(host);
  if (scope === "public") return true;
  return scope === "private" && sameNeighbourhood(host, teller);
}
