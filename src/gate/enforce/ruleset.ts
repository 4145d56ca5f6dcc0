// The rules as one nft transaction: either all of them hold afterwards, or those of before. Sets keep what they hold, so
// a swap forgets no blocked flow. One table, one hook, and nothing in it ever touches traffic of management networks.

import { APPLICATIONS, type Application, whyOf } from "../why.ts";
import { familyOf, type GatePolicy, type ZoneRule } from "./policy.ts";
import { expressionOf, ORDINARY_OPENINGS, payloadExpressions, SIGNATURES } from "./signatures.ts";

export const TABLE = "inet swarmgate";
const FAMILIES = [4, 6] as const;
type Family = (typeof FAMILIES)[number];
const IP: Readonly<Record<Family, string>> = { 4: "ip", 6: "ip6" };
const ADDRESS: Readonly<Record<Family, string>> = { 4: "ipv4_addr", 6: "ipv6_addr" };

// The top byte of the connection's mark says what it is, so that its every later packet is known without a set.
const MARK_MASK = "0xff000000";
const KEEP_MASK = "0x00ffffff";
const ORDINARY_MARK = "0x5f000000";
const MARKS: Readonly<Record<Application, string>> = {
  bittorrent: "0x51000000",
  emule: "0x52000000",
  soulseek: "0x53000000",
  directconnect: "0x54000000",
  gnutella: "0x55000000",
};

/** Unjudged TCP connections stop here until the classifier has spoken; with one more burst that is below 64 KiB. */
const HOLD_BYTES = 24_576;
const SET_SIZE = 262_144;
/** Before the filters of the machine's own firewall. */
const PRIORITY = -150;

export const denyChain = (application: Application): string => `deny_${application}`;
export const flowMap = (family: Family): string => `flows${family}`;
export const endpointMap = (family: Family): string => `endpoints${family}`;
export const clearedSet = (family: Family): string => `cleared${family}`;
export const ENFORCING_SET = "enforcing";
/** `out` are flows that the device opened, `in` those that others opened to it. */
export const grantSet = (application: Application, way: "out" | "in", family: Family): string =>
  `grant_${application}_${way}${family}`;
const zoneSet = (index: number, family: Family): string => `zone${index}_${family}`;

/** Applied as one transaction by `nft -f`. */
export function ruleset(policy: GatePolicy): string {
  const lines = [`add table ${TABLE}`, ...setLines(policy), ...chainLines(policy), ...elementLines(policy)];
  const rules = [...denyRules(), ...zoneRules(policy), ...refuseRules(policy), ...heldRules(policy), ...forwardRules()];
  return `${[...lines, ...rules].join("\n")}\n`;
}

function setLines(policy: GatePolicy): string[] {
  const lines = [set(ENFORCING_SET, "typeof meta nfproto; flags timeout;")];
  for (const family of FAMILIES) {
    const address = ADDRESS[family];
    const flow = `inet_proto . ${address} . inet_service . ${address} . inet_service`;
    const timed = `flags timeout; size ${SET_SIZE};`;
    lines.push(
      set(`management${family}`, `type ${address}; flags interval; auto-merge;`),
      set(`owned${family}`, `type ${address};`),
      set(`owners${family}`, `type ${address} . ether_addr;`),
      set(clearedSet(family), `type ${flow}; ${timed}`),
      `add map ${TABLE} ${flowMap(family)} { type ${flow} : verdict; ${timed} }`,
      `add map ${TABLE} ${endpointMap(family)} { type inet_proto . ${address} . inet_service : verdict; ${timed} }`,
    );
    for (const application of APPLICATIONS) {
      for (const way of ["out", "in"] as const) {
        lines.push(set(grantSet(application, way, family), `type ${address}; flags timeout;`));
      }
    }
    policy.zones.forEach((_, index) => {
      lines.push(set(zoneSet(index, family), `type ${address}; flags interval; auto-merge;`));
    });
  }
  return lines;
}

function set(name: string, definition: string): string {
  return `add set ${TABLE} ${name} { ${definition} }`;
}

function chainLines(policy: GatePolicy): string[] {
  const names = ["refuse", "held", "zones", ...policy.zones.map(throttleChain), ...APPLICATIONS.map(denyChain)];
  return [
    ...names.map((name) => `add chain ${TABLE} ${name}`),
    `add chain ${TABLE} forward { type filter hook forward priority ${PRIORITY}; policy accept; }`,
    ...[...names, "forward"].map((name) => `flush chain ${TABLE} ${name}`),
  ];
}

function throttleChain(_: ZoneRule, index: number): string {
  return `throttle${index}`;
}

function elementLines(policy: GatePolicy): string[] {
  const lines: string[] = [];
  const fill = (name: string, elements: readonly string[]): void => {
    lines.push(`flush set ${TABLE} ${name}`);
    if (elements.length > 0) lines.push(`add element ${TABLE} ${name} { ${elements.join(", ")} }`);
  };
  for (const family of FAMILIES) {
    const ofFamily = (networks: readonly string[]): string[] => networks.filter((one) => familyOf(one) === family);
    fill(`management${family}`, ofFamily(policy.management));
    policy.zones.forEach((zone, index) => fill(zoneSet(index, family), ofFamily(zone.networks)));
    const owned = Object.values(policy.devices).filter((device) => device.mac !== undefined);
    fill(
      `owned${family}`,
      owned.flatMap((device) => ofFamily(device.addresses)),
    );
    fill(
      `owners${family}`,
      owned.flatMap((device) => ofFamily(device.addresses).map((address) => `${address} . ${device.mac ?? ""}`)),
    );
  }
  return lines;
}

// The mark comes first: when a grant ends, the next packet of its running flows finds the mark and no grant.
function denyRules(): string[] {
  return APPLICATIONS.flatMap((application) => {
    const chain = denyChain(application);
    const granted = FAMILIES.flatMap((family) => [
      rule(chain, `ct original ${IP[family]} saddr @${grantSet(application, "out", family)} counter accept`, "granted"),
      rule(chain, `ct original ${IP[family]} daddr @${grantSet(application, "in", family)} counter accept`, "granted"),
    ]);
    return [rule(chain, markAs(MARKS[application])), ...granted, rule(chain, "goto zones")];
  });
}

function markAs(mark: string): string {
  return `ct mark set ct mark and ${KEEP_MASK} or ${mark}`;
}

function zoneRules(policy: GatePolicy): string[] {
  const lines: string[] = [];
  policy.zones.forEach((zone, index) => {
    const target =
      zone.policy === "allow" ? "accept" : zone.policy === "block" ? "goto refuse" : `goto throttle${index}`;
    for (const family of FAMILIES) {
      for (const end of ["saddr", "daddr"]) {
        const match = `${IP[family]} ${end} @${zoneSet(index, family)}`;
        lines.push(rule("zones", `${match} counter ${target}`, `zone ${zone.name}: ${zone.policy}`));
      }
    }
    if (zone.policy !== "throttle") return;
    const limit = `limit rate over ${zone.kilobytesPerSecond ?? 1} kbytes/second burst 64 kbytes`;
    lines.push(rule(`throttle${index}`, `${limit} goto refuse`), rule(`throttle${index}`, "accept"));
  });
  return [...lines, rule("zones", "goto refuse")];
}

// Whether anything is really refused hangs on one set, whose element may be timed: a gate that nobody confirms goes back
// to observing by itself, even when its daemon has died.
function refuseRules(policy: GatePolicy): string[] {
  const refuse = policy.refuse === "with-icmp" ? "reject with icmpx admin-prohibited" : "drop";
  return [
    rule("refuse", `meta nfproto @${ENFORCING_SET} counter ${refuse}`, "refused"),
    rule("refuse", "counter accept", "would have been refused"),
  ];
}

function heldRules(policy: GatePolicy): string[] {
  const open = policy.zones.flatMap((zone, index) =>
    zone.policy === "block" ? [] : FAMILIES.map((family) => `${IP[family]} saddr @${zoneSet(index, family)} accept`),
  );
  const held = "held until the classifier has judged the connection";
  return [
    ...open.map((match) => rule("held", match)),
    rule("held", `meta nfproto @${ENFORCING_SET} counter drop`, held),
  ];
}

function forwardRules(): string[] {
  const lines: string[] = [];
  const add = (text: string, comment?: string): number => lines.push(rule("forward", text, comment));
  for (const family of FAMILIES) {
    for (const end of ["saddr", "daddr"]) {
      add(`${IP[family]} ${end} @management${family} counter accept`, "management is never touched");
    }
  }
  for (const family of FAMILIES) {
    const spoofed = `ct direction original ${IP[family]} saddr @owned${family}`;
    const others = `${IP[family]} saddr . ether saddr != @owners${family}`;
    add(`${spoofed} ${others} meta nfproto @${ENFORCING_SET} counter drop`, "an address of another device's card");
  }
  const marks = APPLICATIONS.map((application) => `${MARKS[application]} : goto ${denyChain(application)}`);
  add(`ct mark and ${MARK_MASK} vmap { ${marks.join(", ")} }`);
  for (const family of FAMILIES) {
    const ip = IP[family];
    add(`meta l4proto . ${ip} saddr . th sport . ${ip} daddr . th dport vmap @${flowMap(family)}`);
    add(`meta l4proto . ${ip} saddr . th sport vmap @${endpointMap(family)}`);
    add(`meta l4proto . ${ip} daddr . th dport vmap @${endpointMap(family)}`);
  }
  for (const signature of SIGNATURES) {
    const { application } = whyOf(signature.why);
    if (application !== undefined)
      add(`${expressionOf(signature)} counter goto ${denyChain(application)}`, signature.why);
  }
  for (const opening of ORDINARY_OPENINGS) {
    const unmarked = `meta l4proto tcp ct mark and ${MARK_MASK} == 0`;
    add(`${unmarked} ${payloadExpressions(0, opening).join(" ")} ${markAs(ORDINARY_MARK)}`);
  }
  for (const family of FAMILIES) {
    const ip = IP[family];
    const flow = `meta l4proto . ${ip} saddr . th sport . ${ip} daddr . th dport`;
    add(`${flow} @${clearedSet(family)} ${markAs(ORDINARY_MARK)}`);
  }
  add(`meta l4proto tcp ct mark and ${MARK_MASK} == 0 ct bytes > ${HOLD_BYTES} goto held`);
  return lines;
}

function rule(chain: string, text: string, comment?: string): string {
  return `add rule ${TABLE} ${chain} ${text}${comment === undefined ? "" : ` comment "${comment}"`}`;
}
