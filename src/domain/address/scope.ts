// How far an address reaches, so that nobody outside can make us knock on doors inside.

import ipaddr from "ipaddr.js";

/** `never`: loopback, link-local, multicast, reserved, and forms that embed another address. */
export type AddressScope = "public" | "private" | "never";

const PRIVATE_RANGES: ReadonlySet<string> = new Set(["private", "uniqueLocal", "carrierGradeNat"]);

/** RFC 4291, 2.4: the only global unicast space of IPv6. Outside of it lie ::127.0.0.1 and whatever is not given out yet. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

/** `host` is an IP literal; anything else is `never`. */
export function scopeOf(host: string): AddressScope {
  if (!ipaddr.isValid(host)) return "never";
  const address = ipaddr.process(host);
  const range = address.range();
  if (range === "unicast") return isGlobal(address) ? "public" : "never";
  return PRIVATE_RANGES.has(range) ? "private" : "never";
}

function isGlobal(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST);
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
