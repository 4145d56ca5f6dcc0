// Windows Defender Application Control: files are told by the original name in their version resource, which renaming the
// file does not change, or by the hash that their signature covers.

import { createHash } from "node:crypto";
import { type Blocked, identifier, xml } from "./blocked.ts";

type Denial = { readonly id: string; readonly name: string; readonly told: string };

export function wdac({ clients, samples }: Blocked): string {
  const programs = new Map(clients.flatMap(({ name, windows = [] }) => windows.map((file) => [file, name] as const)));
  const denials: Denial[] = [
    ...[...programs].map(([file, name]) => ({
      id: ruleId(file),
      name,
      told: `FileName="${xml(file)}" MinimumFileVersion="0.0.0.0"`,
    })),
    ...samples.map(({ name, authenticode }) => ({
      id: ruleId(authenticode),
      name,
      told: `Hash="${authenticode.toUpperCase()}"`,
    })),
  ];
  const files = denials.map(({ id, name, told }) => `    <Deny ID="${id}" FriendlyName="${xml(name)}" ${told} />`);
  const references = denials.map(({ id }) => `          <FileRuleRef RuleID="${id}" />`);
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

// Capitals, digits and underscores behind a letter; two names that differ in nothing else still get two identifiers.
function ruleId(text: string): string {
  const mark = createHash("sha256").update(text).digest("hex").slice(0, 8);
  return `ID_DENY_P_${`${text.slice(0, 40)}_${mark}`.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;
}
