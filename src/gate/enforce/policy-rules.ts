// What becomes of traffic that was recognised: open by a grant until a quota is reached, else as the policy of its device,
// its person or its zone says.

import { APPLICATIONS, type Application } from "../why.ts";
import {
  capMap,
  DEVICE_END,
  denyChain,
  deviceQuotaMap,
  EITHER_CHAIN,
  ENFORCING_SET,
  FAMILIES,
  type Family,
  grantSet,
  IP,
  MARKS,
  markAs,
  metSet,
  openChain,
  personQuotaMap,
  rule,
  TUNNELLED_CHAIN,
  WAYS,
  type Way,
  zoneComment,
} from "./names.ts";
import { type GatePolicy, type ZoneRule, zonesOf } from "./policy.ts";

/** Before a throttled zone is slowed, so much may come at once. */
const BURST_KILOBYTES = 64;

export const REFUSE_CHAIN = "refuse";
export const REFUSED_COMMENT = "refused";
export const zoneSet = (index: number, family: Family): string => `zone${index}_${family}`;
export const throttleChain = (index: number): string => `throttle${index}`;

export function policyRules(policy: GatePolicy): string[] {
  return [
    ...APPLICATIONS.flatMap(denyRules),
    ...eitherRules(),
    ...tunnelledRules(),
    ...zoneRules(policy),
    ...refuseRules(policy),
  ];
}

// The mark comes first: when a grant ends, the next packet of its running flows finds the mark and no grant.
function denyRules(application: Application): string[] {
  const chain = denyChain(application);
  const granted = grantedRules(chain, application, (way) => openChain(application, way));
  const met = FAMILIES.flatMap((family) =>
    ["saddr", "daddr"].map((end) =>
      rule(chain, `update @${metSet(application, family)} { ${IP[family]} ${end} counter }`),
    ),
  );
  const opened = WAYS.flatMap((way) => openRules(application, way));
  return [rule(chain, markAs(MARKS[application])), ...granted, ...met, rule(chain, "goto zones"), ...opened];
}

function grantedRules(chain: string, application: Application, to: (way: Way) => string): string[] {
  return FAMILIES.flatMap((family) =>
    WAYS.map((way) => {
      const device = `ct original ${IP[family]} ${DEVICE_END[way]}`;
      return rule(chain, `${device} @${grantSet(application, way, family)} goto ${to(way)}`);
    }),
  );
}

// What may be either is what a grant opens; from then on the mark says which, and another grant does not open it.
function eitherRules(): string[] {
  const applications = ["bittorrent", "emule"] as const;
  const granted = applications.flatMap((one) => grantedRules(EITHER_CHAIN, one, () => denyChain(one)));
  return [...granted, rule(EITHER_CHAIN, `goto ${denyChain("bittorrent")}`)];
}

// A quota counts what passes it, and matches once it is used up: then the opening is none, whatever the daemon does.
function openRules(application: Application, way: Way): string[] {
  const chain = openChain(application, way);
  const limits = FAMILIES.flatMap((family) => {
    const device = `ct original ${IP[family]} ${DEVICE_END[way]}`;
    const over = (map: string, comment: string): string =>
      rule(chain, `quota name ${device} map @${map} counter goto zones`, comment);
    return [
      over(deviceQuotaMap(family), "over the daily quota of the device"),
      over(personQuotaMap(family), "over the daily quota of the person"),
      over(capMap(application, family), "over the bytes that the grant allows"),
    ];
  });
  return [...limits, rule(chain, "counter accept", "granted")];
}

// Nobody's connection is marked: a tunnel carries other things too, and is free again when its element has timed out.
function tunnelledRules(): string[] {
  return [rule(TUNNELLED_CHAIN, "counter goto zones", "a tunnel that carries peer-to-peer traffic")];
}

function zoneRules(policy: GatePolicy): string[] {
  const zones = zonesOf(policy);
  const lines = zones.flatMap((zone, index) =>
    FAMILIES.flatMap((family) =>
      ["saddr", "daddr"].map((end) => {
        const match = `${IP[family]} ${end} @${zoneSet(index, family)}`;
        return rule("zones", `${match} counter ${targetOf(zone, index)}`, zoneComment(zone.name, zone.policy));
      }),
    ),
  );
  const throttles = zones.flatMap((zone, index) => {
    if (zone.policy !== "throttle") return [];
    const limit = `limit rate over ${zone.kilobytesPerSecond ?? 1} kbytes/second burst ${BURST_KILOBYTES} kbytes`;
    const within = `within the rate of ${zone.name}`;
    return [rule(throttleChain(index), `${limit} goto refuse`), rule(throttleChain(index), "counter accept", within)];
  });
  return [...lines, ...throttles, rule("zones", "goto refuse")];
}

function targetOf(zone: ZoneRule, index: number): string {
  switch (zone.policy) {
    case "allow":
      return "accept";
    case "block":
      return "goto refuse";
    case "throttle":
      return `goto ${throttleChain(index)}`;
  }
}

// Whether anything is really refused hangs on one set, whose element may be timed: a gate that nobody confirms goes back
// to observing by itself, even when its daemon has died.
function refuseRules(policy: GatePolicy): string[] {
  const enforcing = `meta nfproto @${ENFORCING_SET} counter`;
  const refused = (match: string, verdict: string): string =>
    rule(REFUSE_CHAIN, `${match}${enforcing} ${verdict}`, REFUSED_COMMENT);
  const observing = rule(REFUSE_CHAIN, "counter accept", "would have been refused");
  const icmp = "reject with icmpx admin-prohibited";
  switch (policy.refuse) {
    case "silently":
      return [refused("", "drop"), observing];
    case "with-icmp":
      return [refused("", icmp), observing];
    // An established TCP connection takes an ICMP error for a passing one; a reset ends it (RFC 1122, 4.2.3.9).
    case "with-reset":
      return [refused("meta l4proto tcp ", "reject with tcp reset"), refused("", icmp), observing];
  }
}
