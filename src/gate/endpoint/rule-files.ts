// Restriction rules for managed computers, one writer a format, all from the table of clients. What can be told by name and
// place is told by that: most of these programs are not signed by anybody.

import { createHash } from "node:crypto";
import type { ClientEntry } from "./clients.ts";

export const RULE_FORMATS = ["fapolicyd", "applocker", "wdac", "santa", "osquery"] as const;
export type RuleFormat = (typeof RULE_FORMATS)[number];

const LINUX_FOLDERS = ["/usr/bin", "/usr/games", "/usr/local/bin", "/opt"];

const WRITERS: Readonly<Record<RuleFormat, (clients: readonly ClientEntry[]) => string>> = {
  fapolicyd,
  applocker,
  wdac,
  santa,
  osquery,
};

export function ruleFile(format: RuleFormat, clients: readonly ClientEntry[]): string {
  return WRITERS[format](clients);
}

// fapolicyd.rules(5): decision, permission, subject : object. Goes into /etc/fapolicyd/rules.d before the allow rules.
function fapolicyd(clients: readonly ClientEntry[]): string {
  const lines = ["# Peer-to-peer clients without a licence. File name: 25-peer-to-peer.rules"];
  for (const { name, linux = [] } of clients) {
    if (linux.length > 0) lines.push(`# ${name}`);
    for (const program of linux) {
      for (const folder of LINUX_FOLDERS) lines.push(`deny_audit perm=execute all : path=${folder}/${program}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

// https://learn.microsoft.com/windows/security/…/applocker: a deny rule wins; without the allow rule everything else
// would be refused too.
function applocker(clients: readonly ClientEntry[]): string {
  const everyone = 'UserOrGroupSid="S-1-1-0"';
  const rule = (name: string, action: string, path: string): string =>
    `    <FilePathRule Id="${identifier(`${action} ${path}`)}" Name="${xml(name)}" Description="" ${everyone} Action="${action}">
      <Conditions><FilePathCondition Path="${xml(path)}" /></Conditions>
    </FilePathRule>`;
  const denied = clients.flatMap(({ name, windows = [] }) =>
    windows.map((program) => rule(`${name}: ${program}`, "Deny", `*\\${program}`)),
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<AppLockerPolicy Version="1">
  <RuleCollection Type="Exe" EnforcementMode="Enabled">
${[rule("Everything else", "Allow", "*"), ...denied].join("\n")}
  </RuleCollection>
</AppLockerPolicy>
`;
}

// Windows Defender Application Control: files are told by the original name in their version resource, which renaming the
// file does not change.
function wdac(clients: readonly ClientEntry[]): string {
  const programs = clients.flatMap(({ name, windows = [] }) => windows.map((file) => ({ name, file })));
  const id = (file: string): string => `ID_DENY_${file.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;
  const files = programs.map(
    ({ name, file }) =>
      `    <Deny ID="${id(file)}" FriendlyName="${xml(name)}" FileName="${xml(file)}" MinimumFileVersion="0.0.0.0" />`,
  );
  const references = programs.map(({ file }) => `          <FileRuleRef RuleID="${id(file)}" />`);
  const policy = identifier("swarmgate wdac").toUpperCase();
  return `<?xml version="1.0" encoding="utf-8"?>
<SiPolicy xmlns="urn:schemas-microsoft-com:sipolicy" PolicyType="Base Policy">
  <VersionEx>1.0.0.0</VersionEx>
  <PlatformID>{2E07F7E4-194C-4D20-B7C9-6F44A6C5A234}</PlatformID>
  <PolicyID>{${policy}}</PolicyID>
  <BasePolicyID>{${policy}}</BasePolicyID>
  <Rules>
    <Rule><Option>Enabled:Unsigned System Integrity Policy</Option></Rule>
    <Rule><Option>Enabled:UMCI</Option></Rule>
  </Rules>
  <EKUs />
  <FileRules>
    <Allow ID="ID_ALLOW_ALL" FriendlyName="Everything else" FileName="*" />
    <Allow ID="ID_ALLOW_ALL_KERNEL" FriendlyName="Everything else" FileName="*" />
${files.join("\n")}
  </FileRules>
  <Signers />
  <SigningScenarios>
    <SigningScenario Value="131" ID="ID_SIGNINGSCENARIO_DRIVERS" FriendlyName="Kernel">
      <ProductSigners><FileRulesRef><FileRuleRef RuleID="ID_ALLOW_ALL_KERNEL" /></FileRulesRef></ProductSigners>
    </SigningScenario>
    <SigningScenario Value="12" ID="ID_SIGNINGSCENARIO_WINDOWS" FriendlyName="Programs">
      <ProductSigners>
        <FileRulesRef>
          <FileRuleRef RuleID="ID_ALLOW_ALL" />
${references.join("\n")}
        </FileRulesRef>
      </ProductSigners>
    </SigningScenario>
  </SigningScenarios>
  <UpdatePolicySigners />
  <HvciOptions>0</HvciOptions>
</SiPolicy>
`;
}

// Santa's configuration profile; the bundles have no common team, so they are told by path.
function santa(clients: readonly ClientEntry[]): string {
  const bundles = clients.flatMap(({ mac = [] }) => mac).map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = `^(/Applications|/Users/[^/]+/Applications|/Users/[^/]+/Downloads)/(${bundles.join("|")})\\.app/.*`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadType</key><string>com.northpolesec.santa</string>
  <key>PayloadIdentifier</key><string>swarmgate.peer-to-peer</string>
  <key>PayloadUUID</key><string>${identifier("swarmgate santa").toUpperCase()}</string>
  <key>PayloadVersion</key><integer>1</integer>
  <key>BlockedPathRegex</key><string>${xml(pattern)}</string>
</dict>
</plist>
`;
}

// A query pack: it finds, and leaves what to do to those who run osquery.
function osquery(clients: readonly ClientEntry[]): string {
  const listed = (names: readonly string[]): string =>
    names.map((name) => `'${name.replaceAll("'", "''")}'`).join(", ");
  const of = (pick: (client: ClientEntry) => readonly string[] | undefined): string[] =>
    clients.flatMap((one) => pick(one) ?? []);
  const query = (text: string, platform: string, description: string): object => ({
    query: text,
    interval: 3600,
    platform,
    description,
  });
  const processes = listed([...of((one) => one.linux), ...of((one) => one.windows)].map((name) => name.toLowerCase()));
  const ports = "process_open_sockets s USING (pid)";
  const running = `SELECT p.name, p.path, p.pid, s.protocol, s.local_port FROM processes p LEFT JOIN ${ports}`;
  const pack = {
    queries: {
      peer_to_peer_running: query(
        `${running} WHERE lower(p.name) IN (${processes});`,
        "all",
        "Running peer-to-peer clients and their sockets",
      ),
      peer_to_peer_deb: query(
        `SELECT name, version FROM deb_packages WHERE name IN (${listed(of((one) => one.packages))});`,
        "linux",
        "Installed packages of peer-to-peer clients",
      ),
      peer_to_peer_apps: query(
        `SELECT name, path, bundle_identifier FROM apps WHERE name IN (${listed(of((one) => one.mac).map((name) => `${name}.app`))});`,
        "darwin",
        "Installed peer-to-peer applications",
      ),
    },
  };
  return `${JSON.stringify(pack, null, 2)}\n`;
}

// The same rule has the same identifier in every file that is written, so that a new file replaces an old one.
function identifier(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
