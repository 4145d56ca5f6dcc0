// The signed tokens that leave the portal: what stands inside them, and the header that must stand around it.

import { type Static, Type } from "typebox";
import type { SealedForm } from "./sealed-token.ts";

const GRANT_TOKEN_TYPE = "swarmgate-grant+jwt";
const REVOCATIONS_TOKEN_TYPE = "swarmgate-revocations+jwt";
const CHECKPOINT_TOKEN_TYPE = "swarmgate-audit-checkpoint+jwt";
/** The only algorithm; a token that names another is refused before its signature is looked at (RFC 8725, 3.1). */
export const TOKEN_ALGORITHM = "EdDSA";

const GRANT_TOKEN_BYTES_MAX = 8 * 1024;
/** Room for 20,000 revocations. */
const REVOCATIONS_TOKEN_BYTES_MAX = 8 * 1024 * 1024;

const exact = { additionalProperties: false } as const;
const Seconds = Type.Integer({ minimum: 0, maximum: 2 ** 40 });
const Id = Type.String({ minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9_-]+$" });

const ContentClaim = Type.Object(
  {
    infoHashV1: Type.Optional(Type.String({ pattern: "^[0-9a-f]{40}$" })),
    infoHashV2: Type.Optional(Type.String({ pattern: "^[0-9a-f]{64}$" })),
    name: Type.String({ maxLength: 512 }),
    totalBytes: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  exact,
);

export const GrantToken = Type.Object(
  {
    v: Type.Literal(1),
    jti: Id,
    sub: Id,
    dev: Id,
    dvk: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" }),
    dir: Type.Union([Type.Literal("download"), Type.Literal("share")]),
    app: Type.Union([Type.Literal("bittorrent"), Type.Literal("emule"), Type.Literal("soulseek")]),
    content: ContentClaim,
    swarm: Type.Union([Type.Literal("open"), Type.Literal("closed")]),
    zones: Type.Array(Type.Union([Type.Literal("campus"), Type.Literal("vpn"), Type.Literal("residence")]), {
      maxItems: 3,
    }),
    maxBytes: Type.Optional(Type.Integer({ minimum: 1 })),
    nbf: Seconds,
    exp: Seconds,
    iat: Seconds,
    req: Id,
    approvers: Type.Array(Id, { minItems: 1, maxItems: 8 }),
    policy: Type.String({ minLength: 1, maxLength: 64 }),
    tracker: Type.Optional(Type.String({ maxLength: 512 })),
  },
  exact,
);
export type GrantToken = Static<typeof GrantToken>;

export const RevocationsToken = Type.Object(
  {
    v: Type.Literal(1),
    n: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    iat: Seconds,
    maxAgeSeconds: Type.Integer({ minimum: 1, maximum: 86_400 }),
    revoked: Type.Array(
      Type.Object(
        {
          grant: Id,
          atSeconds: Seconds,
          kind: Type.Union([Type.Literal("revoked"), Type.Literal("returned")]),
          why: Type.String({ maxLength: 200 }),
        },
        exact,
      ),
      { maxItems: 20_000 },
    ),
  },
  exact,
);
export type RevocationsToken = Static<typeof RevocationsToken>;

export const CheckpointToken = Type.Object(
  {
    v: Type.Literal(1),
    n: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    hash: Type.String({ pattern: "^[0-9a-f]{64}$" }),
    iat: Seconds,
  },
  exact,
);
export type CheckpointToken = Static<typeof CheckpointToken>;

/** The forms that `sealToken` and `openToken` take; the key is the institution's root with its thumbprint as kid. */
export const GRANT_FORM: SealedForm<typeof GrantToken> = {
  type: GRANT_TOKEN_TYPE,
  schema: GrantToken,
  bytesMax: GRANT_TOKEN_BYTES_MAX,
};
export const REVOCATIONS_FORM: SealedForm<typeof RevocationsToken> = {
  type: REVOCATIONS_TOKEN_TYPE,
  schema: RevocationsToken,
  bytesMax: REVOCATIONS_TOKEN_BYTES_MAX,
};
export const CHECKPOINT_FORM: SealedForm<typeof CheckpointToken> = {
  type: CHECKPOINT_TOKEN_TYPE,
  schema: CheckpointToken,
  bytesMax: GRANT_TOKEN_BYTES_MAX,
};
