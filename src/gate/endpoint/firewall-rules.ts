// The least that this device's own firewall must open for its own grants: a port for those who may call it, and nothing
// for a grant that only downloads, because there the device does the calling.

import type { GrantClaims } from "../../domain/grant.ts";

export const FIREWALL_FORMATS = ["nft", "ufw", "windows", "pf"] as const;
export type FirewallFormat = (typeof FIREWALL_FORMATS)[number];

export type Opening = {
  readonly grant: string;
  readonly until: string;
  readonly port: number;
  readonly from: readonly string[];
};

/** `networks` are those of the institution: a closed swarm is called from there alone. */
export function openingsOf(grants: readonly GrantClaims[], port: number, networks: readonly string[]): Opening[] {
  return grants
    .filter((grant) => grant.dir === "share")
    .map((grant) => ({
      grant: grant.jti,
      until: new Date(grant.exp * 1000).toISOString(),
      port,
      from: grant.swarm === "closed" ? networks : [],
    }));
}

const WRITERS: Readonly<Record<FirewallFormat, (openings: readonly Opening[]) => string[]>> = { nft, ufw, windows, pf };

export function firewallRules(format: FirewallFormat, openings: readonly Opening[]): string {
  const sign = "#";
  if (openings.length === 0) return `${sign} No grant of this device needs an open port.\n`;
  return `${WRITERS[format](openings).join("\n")}\n`;
}

function title(opening: Opening): string {
  return `swarmgate ${opening.grant} until ${opening.until}`;
}

function nft(openings: readonly Opening[]): string[] {
  const rules = openings.flatMap((opening) => {
    const accept = `meta l4proto { tcp, udp } th dport ${opening.port} accept comment "${title(opening)}"`;
    if (opening.from.length === 0) return [`    ${accept}`];
    return opening.from.map((network) => `    ${network.includes(":") ? "ip6" : "ip"} saddr ${network} ${accept}`);
  });
  return [
    "table inet swarmgate_device {",
    "  chain input {",
    "    type filter hook input priority -10; policy accept;",
    ...rules,
    "  }",
    "}",
  ];
}

function ufw(openings: readonly Opening[]): string[] {
  return openings.flatMap((opening) =>
    (opening.from.length === 0 ? ["any"] : opening.from).flatMap((network) =>
      ["tcp", "udp"].map(
        (protocol) =>
          `ufw allow proto ${protocol} from ${network} to any port ${opening.port} comment '${title(opening)}'`,
      ),
    ),
  );
}

function windows(openings: readonly Opening[]): string[] {
  return openings.flatMap((opening) => {
    const remote = opening.from.length === 0 ? "Any" : opening.from.map((network) => `'${network}'`).join(",");
    return ["TCP", "UDP"].map(
      (protocol) =>
        `New-NetFirewallRule -DisplayName '${title(opening)}' -Direction Inbound -Action Allow -Protocol ${protocol} -LocalPort ${opening.port} -RemoteAddress ${remote}`,
    );
  });
}

function pf(openings: readonly Opening[]): string[] {
  return openings.map((opening) => {
    const from = opening.from.length === 0 ? "any" : `{ ${opening.from.join(", ")} }`;
    return `pass in quick proto { tcp, udp } from ${from} to any port ${opening.port} label "${title(opening)}"`;
  });
}
