// Restriction rules for managed computers, one writer a format, all from the table of clients: by publisher where one is
// known, by hash for programs that were found, and by name and place for the rest.

import { applocker } from "./applocker.ts";
import type { Blocked } from "./blocked.ts";
import { fapolicyd } from "./fapolicyd.ts";
import { osquery } from "./osquery.ts";
import { santa } from "./santa.ts";
import { wdac } from "./wdac.ts";

export const RULE_FORMATS = ["fapolicyd", "applocker", "wdac", "santa", "osquery"] as const;
export type RuleFormat = (typeof RULE_FORMATS)[number];

const WRITERS: Readonly<Record<RuleFormat, (blocked: Blocked) => string>> = {
  fapolicyd,
  applocker,
  wdac,
  santa,
  osquery,
};

export function ruleFile(format: RuleFormat, blocked: Blocked): string {
  return WRITERS[format](blocked);
}
