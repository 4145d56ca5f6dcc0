// Failures of torrent files, magnets and the paths inside them.

import type { ErrorTable } from "./entry.ts";

export const METAINFO_ERRORS = {} as const satisfies ErrorTable;
