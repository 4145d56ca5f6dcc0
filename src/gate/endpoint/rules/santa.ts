// A configuration profile for Santa (https://northpole.dev): by publisher where the developer's team is known, by hash,
// and all others by the place of their bundle.

import { type Blocked, identifier, xml } from "./blocked.ts";

type StaticRule = { readonly type: "TEAMID" | "SIGNINGID" | "BINARY"; readonly identifier: string };

export function santa({ clients, samples }: Blocked): string {
  const rules: StaticRule[] = [
    ...clients.flatMap(({ macSigner }): StaticRule[] => {
      if (macSigner === undefined) return [];
      const { team, signs } = macSigner;
      if (signs === "clients-only") return [{ type: "TEAMID", identifier: team }];
      return signs.map((bundle) => ({ type: "SIGNINGID", identifier: `${team}:${bundle}` }));
    }),
    ...samples.map(({ sha256 }): StaticRule => ({ type: "BINARY", identifier: sha256 })),
  ];
  const unique = new Map(rules.map((rule) => [rule.identifier, rule]));
  const bundles = clients.flatMap(({ mac = [] }) => mac).map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const folders = "/Applications|/Users/[^/]+/Applications|/Users/[^/]+/Downloads";
  const pattern = bundles.length === 0 ? undefined : `^(${folders})/(${bundles.join("|")})\\.app/.*`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
${text("PayloadType", "Configuration")}
${text("PayloadScope", "System")}
${text("PayloadDisplayName", "Peer-to-peer clients without a licence")}
${payload("swarmgate.profile")}
  <key>PayloadContent</key>
  <array>
    <dict>
${text("PayloadType", "com.northpolesec.santa")}
${payload("swarmgate.peer-to-peer")}
${pattern === undefined ? "" : `${text("BlockedPathRegex", pattern)}\n`}      <key>StaticRules</key>
      <array>
${[...unique.values()].map(staticRule).join("\n")}
      </array>
    </dict>
  </array>
</dict>
</plist>
`;
}

function payload(name: string): string {
  const uuid = identifier(`santa ${name}`).toUpperCase();
  return `${text("PayloadIdentifier", name)}\n${text("PayloadUUID", uuid)}\n      <key>PayloadVersion</key><integer>1</integer>`;
}

function staticRule({ type, identifier: told }: StaticRule): string {
  const members = [text("identifier", told), text("policy", "BLOCKLIST"), text("rule_type", type)];
  return `        <dict>\n${members.join("\n")}\n        </dict>`;
}

function text(key: string, value: string): string {
  return `      <key>${key}</key><string>${xml(value)}</string>`;
}
