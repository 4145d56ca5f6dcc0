// How a forwarded packet is told: who is never touched, whose address was stolen, what is known already, what the kernel
// recognises by itself, and what waits for the classifier.

import { APPLICATIONS, whyOf } from "../why.ts";
import {
  clearedSet,
  denyChain,
  ENFORCING_SET,
  endpointMap,
  FAMILIES,
  flowMap,
  IP,
  MARK_MASK,
  MARKS,
  markAs,
  ORDINARY_MARK,
  pairMap,
  rule,
  SETTLING_SET,
  tunnelFlowMap,
  tunnelMap,
  WATCHED_MARK,
} from "./names.ts";
import { type GatePolicy, zonesOf } from "./policy.ts";
import { zoneSet } from "./policy-rules.ts";
import { expressionOf, ORDINARY_OPENINGS, payloadExpressions, SIGNATURES, UTP_DATA } from "./signatures.ts";

/** Unjudged connections stop here until the classifier has spoken; with one more burst that is below 64 KiB. */
const HOLD_BYTES = 24_576;

export function forwardRules(policy: GatePolicy): string[] {
  return [...heldRules(policy), ...managementRules(), ...knownRules(), ...signatureRules(), ...holdingRules()];
}

function heldRules(policy: GatePolicy): string[] {
  const open = zonesOf(policy).flatMap((zone, index) =>
    zone.policy === "block" ? [] : FAMILIES.map((family) => `${IP[family]} saddr @${zoneSet(index, family)} accept`),
  );
  const held = "held until the classifier has judged the connection";
  return [
    ...open.map((match) => rule("held", match)),
    rule("held", `meta nfproto @${ENFORCING_SET} counter drop`, held),
  ];
}

function managementRules(): string[] {
  const untouched = FAMILIES.flatMap((family) =>
    ["saddr", "daddr"].map((end) => {
      const match = `${IP[family]} ${end} @management${family} counter accept`;
      return rule("forward", match, "management is never touched");
    }),
  );
  const stolen = FAMILIES.map((family) => {
    const spoofed = `ct direction original ${IP[family]} saddr @owned${family}`;
    const others = `${IP[family]} saddr . ether saddr != @owners${family}`;
    const match = `${spoofed} ${others} meta nfproto @${ENFORCING_SET} counter drop`;
    return rule("forward", match, "an address of another device's card");
  });
  return [...untouched, ...stolen];
}

function knownRules(): string[] {
  const marks = APPLICATIONS.map((application) => `${MARKS[application]} : goto ${denyChain(application)}`);
  const known = FAMILIES.flatMap((family) => {
    const ip = IP[family];
    const flow = `meta l4proto . ${ip} saddr . th sport . ${ip} daddr . th dport`;
    return [
      `${flow} vmap @${flowMap(family)}`,
      `meta l4proto . ${ip} saddr . th sport vmap @${endpointMap(family)}`,
      `meta l4proto . ${ip} daddr . th dport vmap @${endpointMap(family)}`,
      `ct direction original ${ip} saddr . ${ip} daddr . tcp dport vmap @${pairMap(family)}`,
      `${flow} vmap @${tunnelFlowMap(family)}`,
      `meta l4proto . ${ip} saddr . ${ip} daddr vmap @${tunnelMap(family)}`,
    ];
  });
  return [`ct mark and ${MARK_MASK} vmap { ${marks.join(", ")} }`, ...known].map((text) => rule("forward", text));
}

function signatureRules(): string[] {
  return SIGNATURES.flatMap((signature) => {
    const { application } = whyOf(signature.why);
    if (application === undefined) return [];
    return [rule("forward", `${expressionOf(signature)} counter goto ${denyChain(application)}`, signature.why)];
  });
}

// An ordinary opening only frees a connection from waiting: the classifier goes on judging it, and its verdict stands
// above. So does being older than the rules: of such a connection the classifier may see too little to judge it ordinary,
// and once it is held nothing more of it comes by. Datagrams that are lost are lost, and calls cannot wait: of them only
// those wait that have the shape of uTP's data, for nothing else brings content over UDP.
function holdingRules(): string[] {
  const unmarked = (l4: string): string => `meta l4proto ${l4} ct mark and ${MARK_MASK} == 0`;
  const unjudged = `meta l4proto tcp ct mark and ${MARK_MASK} { 0, ${WATCHED_MARK} }`;
  const older = [
    `${unmarked("tcp")} tcp flags & (syn | ack) == syn ct state new ${markAs(WATCHED_MARK)}`,
    `${unmarked("tcp")} tcp flags & syn == 0 meta nfproto @${SETTLING_SET} ${markAs(ORDINARY_MARK)}`,
  ].map((text) => rule("forward", text));
  const openings = ORDINARY_OPENINGS.map((opening) =>
    rule("forward", `${unjudged} ${payloadExpressions(0, opening).join(" ")} ${markAs(ORDINARY_MARK)}`),
  );
  const cleared = FAMILIES.map((family) => {
    const ip = IP[family];
    const flow = `meta l4proto . ${ip} saddr . th sport . ${ip} daddr . th dport`;
    return rule("forward", `${flow} @${clearedSet(family)} ${markAs(ORDINARY_MARK)}`);
  });
  return [
    ...older,
    ...openings,
    ...cleared,
    rule("forward", `${unjudged} ct bytes > ${HOLD_BYTES} goto held`),
    rule("forward", `${unmarked("udp")} ct bytes > ${HOLD_BYTES} ${UTP_DATA} goto held`),
  ];
}
