// How a device proves itself: one short-lived token a call, signed by its own key, bound to the call.

import { type Static, Type } from "typebox";
import { exact, Id } from "./field.ts";

/** `Authorization: SwarmgateDevice <compact JWS>`. */
export const DEVICE_AUTH_SCHEME = "SwarmgateDevice";
export const DEVICE_AUTH_TOKEN_TYPE = "swarmgate-device+jwt";
/** How far `iat` may lie from the portal's clock. */
export const DEVICE_AUTH_SKEW_SECONDS = 60;

/** Header: {alg, typ: "swarmgate-device+jwt"}. */
export const DeviceAuthToken = Type.Object(
  {
    sub: Id,
    /** The method, in capitals. */
    htm: Type.String({ maxLength: 10 }),
    /** The path with its query, as sent. */
    htu: Type.String({ maxLength: 4_096 }),
    iat: Type.Integer({ minimum: 0 }),
    jti: Type.String({ minLength: 16, maxLength: 64 }),
    /** base64url of the SHA-256 of the body's bytes; of nothing when there is no body. */
    bh: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" }),
  },
  exact,
);
export type DeviceAuthToken = Static<typeof DeviceAuthToken>;
