// The rules as one nft transaction: either all of them hold afterwards, or those of before. Sets keep what they hold, so
// a swap forgets no blocked flow. One table, one hook, and nothing in it ever touches traffic of management networks.

import { APPLICATIONS } from "../why.ts";
import { forwardRules } from "./forward-rules.ts";
import {
  ADDRESS,
  capMap,
  clearedSet,
  denyChain,
  deviceQuotaMap,
  EITHER_CHAIN,
  ENFORCING_SET,
  endpointMap,
  FAMILIES,
  type Family,
  flowMap,
  grantSet,
  metSet,
  openChain,
  pairMap,
  personQuotaMap,
  SETTLING_SET,
  TABLE,
  TUNNELLED_CHAIN,
  tunnelFlowMap,
  tunnelMap,
  WAYS,
} from "./names.ts";
import { familyOf, type GatePolicy, zonesOf } from "./policy.ts";
import { policyRules, throttleChain, zoneSet } from "./policy-rules.ts";

const SET_SIZE = 262_144;
/** Addresses whose refused packets are counted, and for how long after the last. */
const MET_SIZE = 65_536;
const MET_SECONDS = 3600;
/** Before the filters of the machine's own firewall. */
const PRIORITY = -150;

/** Applied as one transaction by `nft -f`. */
export function ruleset(policy: GatePolicy): string {
  const lines = [`add table ${TABLE}`, ...setLines(policy), ...chainLines(policy), ...elementLines(policy)];
  return `${[...lines, ...policyRules(policy), ...forwardRules(policy)].join("\n")}\n`;
}

function setLines(policy: GatePolicy): string[] {
  const lines = [ENFORCING_SET, SETTLING_SET].map((name) => set(name, "typeof meta nfproto; flags timeout;"));
  for (const family of FAMILIES) {
    const address = ADDRESS[family];
    lines.push(
      set(`management${family}`, `type ${address}; flags interval; auto-merge;`),
      set(`owned${family}`, `type ${address};`),
      set(`owners${family}`, `type ${address} . ether_addr;`),
      ...verdictLines(family),
      map(deviceQuotaMap(family), `type ${address} : quota;`),
      map(personQuotaMap(family), `type ${address} : quota;`),
    );
    for (const application of APPLICATIONS) {
      const met = `type ${address}; size ${MET_SIZE}; flags dynamic,timeout; timeout ${MET_SECONDS}s;`;
      lines.push(set(metSet(application, family), met), map(capMap(application, family), `type ${address} : quota;`));
      for (const way of WAYS) lines.push(set(grantSet(application, way, family), `type ${address}; flags timeout;`));
    }
    zonesOf(policy).forEach((_, index) => {
      lines.push(set(zoneSet(index, family), `type ${address}; flags interval; auto-merge;`));
    });
  }
  return lines;
}

/** Where the classifier's verdicts go. */
function verdictLines(family: Family): string[] {
  const address = ADDRESS[family];
  const flow = `inet_proto . ${address} . inet_service . ${address} . inet_service`;
  const timed = `flags timeout; size ${SET_SIZE};`;
  return [
    set(clearedSet(family), `type ${flow}; ${timed}`),
    map(flowMap(family), `type ${flow} : verdict; ${timed}`),
    map(tunnelFlowMap(family), `type ${flow} : verdict; ${timed}`),
    map(endpointMap(family), `type inet_proto . ${address} . inet_service : verdict; ${timed}`),
    map(pairMap(family), `type ${address} . ${address} . inet_service : verdict; ${timed}`),
    map(tunnelMap(family), `type inet_proto . ${address} . ${address} : verdict; ${timed}`),
  ];
}

function set(name: string, definition: string): string {
  return `add set ${TABLE} ${name} { ${definition} }`;
}

function map(name: string, definition: string): string {
  return `add map ${TABLE} ${name} { ${definition} }`;
}

function chainLines(policy: GatePolicy): string[] {
  const names = [
    "refuse",
    "held",
    "zones",
    TUNNELLED_CHAIN,
    EITHER_CHAIN,
    ...zonesOf(policy).map((_, index) => throttleChain(index)),
    ...APPLICATIONS.map(denyChain),
    ...APPLICATIONS.flatMap((application) => WAYS.map((way) => openChain(application, way))),
  ];
  return [
    ...names.map((name) => `add chain ${TABLE} ${name}`),
    `add chain ${TABLE} forward { type filter hook forward priority ${PRIORITY}; policy accept; }`,
    ...[...names, "forward"].map((name) => `flush chain ${TABLE} ${name}`),
  ];
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
    zonesOf(policy).forEach((zone, index) => fill(zoneSet(index, family), ofFamily(zone.networks)));
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
