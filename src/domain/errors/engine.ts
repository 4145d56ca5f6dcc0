// Failures of the engine plane.

import type { ErrorTable } from "./entry.ts";

export const ENGINE_ERRORS = {} as const satisfies ErrorTable;
