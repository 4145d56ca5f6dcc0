// https://learn.microsoft.com/windows/security/…/applocker: a deny rule wins; without the allow rule everything else
// would be refused too.

import { type Blocked, identifier, xml } from "./blocked.ts";

type Rule = { readonly kind: "FilePathRule" | "FileHashRule"; readonly name: string; readonly condition: string };

export function applocker({ clients, samples }: Blocked): string {
  const programs = new Map(clients.flatMap(({ name, windows = [] }) => windows.map((file) => [file, name] as const)));
  const rules = [
    rule("Allow", byPath("Everything else", "*")),
    ...[...programs].map(([file, name]) => rule("Deny", byPath(`${name}: ${file}`, `*\\${file}`))),
    ...samples.map(({ name, authenticode, bytes }) => {
      const data = `Type="SHA256" Data="0x${authenticode.toUpperCase()}"`;
      const source = `SourceFileName="${xml(name)}" SourceFileLength="${bytes}"`;
      const condition = `<FileHashCondition><FileHash ${data} ${source} /></FileHashCondition>`;
      return rule("Deny", { kind: "FileHashRule", name, condition });
    }),
  ];
  return `<?xml version="1.0" encoding="utf-8"?>
<AppLockerPolicy Version="1">
  <RuleCollection Type="Exe" EnforcementMode="Enabled">
${rules.join("\n")}
  </RuleCollection>
</AppLockerPolicy>
`;
}

function byPath(name: string, path: string): Rule {
  return { kind: "FilePathRule", name, condition: `<FilePathCondition Path="${xml(path)}" />` };
}

function rule(action: "Allow" | "Deny", { kind, name, condition }: Rule): string {
  const everyone = 'UserOrGroupSid="S-1-1-0"';
  const id = identifier(`${action} ${condition}`);
  return `    <${kind} Id="${id}" Name="${xml(name)}" Description="" ${everyone} Action="${action}">
      <Conditions>${condition}</Conditions>
    </${kind}>`;
}
