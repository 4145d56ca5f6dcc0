// Failures of the node plane.

import type { ErrorTable } from "./entry.ts";

export const NODE_ERRORS = {} as const satisfies ErrorTable;
