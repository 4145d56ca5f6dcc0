// Observing or enforcing: one set in the kernel decides. Its element may be timed, and then enforcement ends by itself
// unless somebody confirms it, whatever has become of the daemon.

import { ENFORCING_SET, TABLE } from "./names.ts";

export type Mode = "observe" | "enforce";
export const MODES: readonly Mode[] = ["observe", "enforce"];

const FAMILIES = ["ipv4", "ipv6"];

/** The transaction that switches; with seconds, enforcement goes back to observing after them. */
export function enforcingBatch(mode: Mode, confirmWithinSeconds: number | undefined): string {
  const empty = `flush set ${TABLE} ${ENFORCING_SET}\n`;
  if (mode === "observe") return empty;
  const timeout = confirmWithinSeconds === undefined ? "" : ` timeout ${confirmWithinSeconds}s`;
  const elements = FAMILIES.map((family) => `${family}${timeout}`);
  return `${empty}add element ${TABLE} ${ENFORCING_SET} { ${elements.join(", ")} }\n`;
}
