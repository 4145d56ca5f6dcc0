// What the gate's sets, maps, chains and marks are called in the kernel: whoever fills or reads them takes the names from
// here.

import type { Application } from "../why.ts";

export const TABLE = "inet swarmgate";
export const FAMILIES = [4, 6] as const;
export type Family = (typeof FAMILIES)[number];
export const IP: Readonly<Record<Family, string>> = { 4: "ip", 6: "ip6" };
export const ADDRESS: Readonly<Record<Family, string>> = { 4: "ipv4_addr", 6: "ipv6_addr" };
export const WAYS = ["out", "in"] as const;
/** `out` are flows that the device opened, `in` those that others opened to it. */
export type Way = (typeof WAYS)[number];
/** Which end of a connection the granted device is. */
export const DEVICE_END: Readonly<Record<Way, string>> = { out: "saddr", in: "daddr" };

// The top byte of the connection's mark says what it is, so that its every later packet is known without a set.
export const MARK_MASK = "0xff000000";
const KEEP_MASK = "0x00ffffff";
export const ORDINARY_MARK = "0x5f000000";
/** Seen from its first packet on, and not judged yet. */
export const WATCHED_MARK = "0x5e000000";
export const MARKS: Readonly<Record<Application, string>> = {
  bittorrent: "0x51000000",
  emule: "0x52000000",
  soulseek: "0x53000000",
  directconnect: "0x54000000",
  gnutella: "0x55000000",
};

export const ENFORCING_SET = "enforcing";
/** Not empty while connections that are older than the rules are met. */
export const SETTLING_SET = "settling";
export const TUNNELLED_CHAIN = "tunnelled";
/** What MSE or obfuscated eD2k may have made. */
export const EITHER_CHAIN = "bittorrent_or_emule";
export const denyChain = (application: Application): string => `deny_${application}`;
export const openChain = (application: Application, way: Way): string => `open_${application}_${way}`;
export const flowMap = (family: Family): string => `flows${family}`;
export const endpointMap = (family: Family): string => `endpoints${family}`;
export const pairMap = (family: Family): string => `pairs${family}`;
export const tunnelMap = (family: Family): string => `tunnels${family}`;
/** Tunnels over UDP, which have ports. */
export const tunnelFlowMap = (family: Family): string => `tunnel_flows${family}`;
export const clearedSet = (family: Family): string => `cleared${family}`;
export const metSet = (application: Application, family: Family): string => `met_${application}${family}`;
export const grantSet = (application: Application, way: Way, family: Family): string =>
  `grant_${application}_${way}${family}`;
export const deviceQuotaMap = (family: Family): string => `device_quota${family}`;
export const personQuotaMap = (family: Family): string => `person_quota${family}`;
export const capMap = (application: Application, family: Family): string => `cap_${application}${family}`;

export function markAs(mark: string): string {
  return `ct mark set ct mark and ${KEEP_MASK} or ${mark}`;
}

export function rule(chain: string, text: string, comment?: string): string {
  return `add rule ${TABLE} ${chain} ${text}${comment === undefined ? "" : ` comment "${comment}"`}`;
}

/** What the rule of a zone, a person or a device is called, by whoever tells of it. */
export function zoneComment(name: string, policy: string): string {
  return `zone ${name}: ${policy}`;
}
