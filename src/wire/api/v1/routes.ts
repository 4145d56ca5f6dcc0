// Every route of /api/v1: the portal registers its handlers from this table, clients take paths and types from it.

import { IDENTITY_ROUTES } from "./identity-routes.ts";
import { REQUEST_ROUTES } from "./request-routes.ts";
import { TRANSFER_ROUTES } from "./transfer-routes.ts";

export const ROUTES = { ...IDENTITY_ROUTES, ...REQUEST_ROUTES, ...TRANSFER_ROUTES } as const;

export type RouteName = keyof typeof ROUTES;
