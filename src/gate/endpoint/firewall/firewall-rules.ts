// Rules for this device's own firewall, one writer a format.

import { nft } from "./nft.ts";
import { pf } from "./pf.ts";
import type { Plan } from "./plan.ts";
import { ufw } from "./ufw.ts";
import { windows } from "./windows.ts";

export const FIREWALL_FORMATS = ["nft", "ufw", "windows", "pf"] as const;
export type FirewallFormat = (typeof FIREWALL_FORMATS)[number];

const WRITERS: Readonly<Record<FirewallFormat, (plan: Plan) => string[]>> = { nft, ufw, windows, pf };

export function firewallRules(format: FirewallFormat, plan: Plan): string {
  return `${WRITERS[format](plan).join("\n")}\n`;
}
