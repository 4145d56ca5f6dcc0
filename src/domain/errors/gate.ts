// Failures of the gate plane.

import type { ErrorTable } from "./entry.ts";

export const GATE_ERRORS = {} as const satisfies ErrorTable;
