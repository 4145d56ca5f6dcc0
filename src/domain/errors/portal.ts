// Failures of the portal plane.

import type { ErrorTable } from "./entry.ts";

export const PORTAL_ERRORS = {} as const satisfies ErrorTable;
