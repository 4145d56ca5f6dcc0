// Observing or enforcing: one set in the kernel decides. Its element may be timed, and then enforcement ends by itself
// unless somebody confirms it, whatever has become of the daemon.

import { ENFORCING_SET, SETTLING_SET, TABLE } from "./names.ts";

export type Mode = "observe" | "enforce";
export const MODES: readonly Mode[] = ["observe", "enforce"];

const FAMILIES = ["ipv4", "ipv6"];
const SETTLING_SECONDS = 60;

/** The transaction that switches; with seconds, enforcement goes back to observing after them. */
export function enforcingBatch(mode: Mode, confirmWithinSeconds: number | undefined): string {
  const empty = `flush set ${TABLE} ${ENFORCING_SET}\n`;
  if (mode === "observe") return empty;
  return empty + add(ENFORCING_SET, confirmWithinSeconds);
}

/** The transaction that spares connections which are older than the rules, for as long as it takes to meet them. */
export function settlingBatch(): string {
  return `flush set ${TABLE} ${SETTLING_SET}\n${add(SETTLING_SET, SETTLING_SECONDS)}`;
}

function add(set: string, seconds: number | undefined): string {
  const timeout = seconds === undefined ? "" : ` timeout ${seconds}s`;
  return `add element ${TABLE} ${set} { ${FAMILIES.map((family) => `${family}${timeout}`).join(", ")} }\n`;
}
