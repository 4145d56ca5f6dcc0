// Windows: PowerShell, which first takes away what an earlier run left. What no rule allows is refused by default there,
// and a rule that blocks would win over those that allow.

import { type Plan, titleOf } from "./plan.ts";

const GROUP = "swarmgate";

export function windows({ port, openings }: Plan): string[] {
  return [
    "# Run as administrator: powershell -File FILE",
    `Get-NetFirewallRule -Group '${GROUP}' -ErrorAction SilentlyContinue | Remove-NetFirewallRule`,
    ...openings.flatMap((opening) => {
      const remote = opening.from === "anywhere" ? "Any" : opening.from.map((network) => `'${network}'`).join(",");
      return ["TCP", "UDP"].map(
        (protocol) =>
          `New-NetFirewallRule -Group '${GROUP}' -DisplayName '${titleOf(opening)}' -Direction Inbound -Action Allow -Protocol ${protocol} -LocalPort ${port} -RemoteAddress ${remote}`,
      );
    }),
  ];
}
