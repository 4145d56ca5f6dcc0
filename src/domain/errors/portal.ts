// Failures of the portal plane, from its three files.

import { PORTAL_ACCESS_ERRORS } from "./portal-access.ts";
import { PORTAL_REQUEST_ERRORS } from "./portal-request.ts";
import { PORTAL_SERVICE_ERRORS } from "./portal-service.ts";

export const PORTAL_ERRORS = {
  ...PORTAL_SERVICE_ERRORS,
  ...PORTAL_ACCESS_ERRORS,
  ...PORTAL_REQUEST_ERRORS,
} as const;
