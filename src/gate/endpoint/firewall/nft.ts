// nftables: a table of its own that replaces its last version. Each opening is an element of a set that the kernel
// forgets when the grant ends. A table cannot open what another one drops; a comment says where to put the line then.

import { isIpv6, type Opening, type Plan, titleOf } from "./plan.ts";

export function nft({ port, nowMs, openings }: Plan): string[] {
  const sets = openings.flatMap((opening, index) => setsOf(opening, index, nowMs));
  return [
    "# Load with: nft -f FILE. Where another table drops what comes in, it must accept this port from the same networks.",
    "table inet swarmgate_device",
    "delete table inet swarmgate_device",
    "table inet swarmgate_device {",
    ...sets.flatMap(({ name, type, element }) => [
      `  set ${name} {`,
      `    type ${type}; flags interval,timeout;`,
      `    elements = { ${element} }`,
      "  }",
    ]),
    "  chain input {",
    "    type filter hook input priority filter; policy accept;",
    "    ct state established,related accept",
    ...sets.map(
      ({ name, match, title }) =>
        `    meta l4proto { tcp, udp } th dport ${port} ${match} saddr @${name} accept comment "${title}"`,
    ),
    `    meta l4proto { tcp, udp } th dport ${port} drop comment "swarmgate: nobody else"`,
    "  }",
    "}",
  ];
}

type NamedSet = {
  readonly name: string;
  readonly type: "ipv4_addr" | "ipv6_addr";
  readonly match: "ip" | "ip6";
  readonly element: string;
  readonly title: string;
};

// One set a network: networks that overlap may not stand in one set.
function setsOf(opening: Opening, index: number, nowMs: number): NamedSet[] {
  const seconds = Math.max(1, Math.floor((opening.untilMs - nowMs) / 1_000));
  const networks = opening.from === "anywhere" ? ["0.0.0.0/0", "::/0"] : opening.from;
  return networks.map((network, part) => ({
    name: `grant_${index + 1}_${part + 1}`,
    type: isIpv6(network) ? "ipv6_addr" : "ipv4_addr",
    match: isIpv6(network) ? "ip6" : "ip",
    element: `${network} timeout ${seconds}s`,
    title: titleOf(opening),
  }));
}
