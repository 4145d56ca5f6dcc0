// What an institution decides about its portal, with the defaults that a first start uses.

import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { type Failure, failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { APPLICATIONS, DIRECTIONS, SWARMS } from "../domain/grant.ts";
import { ROLES } from "../domain/person.ts";
import type { Policy } from "../domain/policy.ts";
import { DEFAULT_POLICY } from "./default-policy.ts";

const exact = { additionalProperties: false } as const;

const Rule = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 64 }),
    when: Type.Object(
      {
        direction: Type.Optional(Type.Enum([...DIRECTIONS])),
        application: Type.Optional(Type.Enum([...APPLICATIONS])),
        swarm: Type.Optional(Type.Enum([...SWARMS])),
        role: Type.Optional(Type.Enum([...ROLES])),
        totalBytesOver: Type.Optional(Type.Integer({ minimum: 0 })),
        durationSecondsOver: Type.Optional(Type.Integer({ minimum: 0 })),
        infoHash: Type.Optional(Type.String({ pattern: "^([0-9a-f]{40}|[0-9a-f]{64})$" })),
      },
      exact,
    ),
    outcome: Type.Enum(["refuse", "review"]),
    approvals: Type.Optional(Type.Integer({ minimum: 1, maximum: 8 })),
    says: Type.String({ minLength: 1, maxLength: 500 }),
  },
  exact,
);

/** The file of `swarmgate portal --config FILE`: JSON, every member optional. */
const SettingsFile = Type.Object(
  {
    institution: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    host: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    publicUrl: Type.Optional(Type.String({ pattern: "^https?://[^/]+$" })),
    allowedHosts: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 50 })),
    proxies: Type.Optional(Type.Array(Type.String({ pattern: "^[0-9a-fA-F.:]{2,45}(/\\d{1,3})?$" }), { maxItems: 50 })),
    revocationMaxAgeSeconds: Type.Optional(Type.Integer({ minimum: 15, maximum: 86_400 })),
    policy: Type.Optional(
      Type.Object(
        {
          version: Type.String({ minLength: 1, maxLength: 64 }),
          text: Type.String({ minLength: 1, maxLength: 50_000 }),
          rules: Type.Array(Rule, { maxItems: 500 }),
        },
        exact,
      ),
    ),
  },
  exact,
);

export type Settings = {
  readonly institution: string;
  readonly host: string;
  readonly port: number;
  /** Origin under which browsers and nodes reach the portal; undefined: the address that it listens on. */
  readonly publicUrl: string | undefined;
  /** Further values of the Host header that are answered, with their port. */
  readonly allowedHosts: readonly string[];
  /** Addresses and networks of proxies in front, whose word on where a call comes from is taken; nobody else's is. */
  readonly proxies: readonly string[];
  /** HOSTILE 106: how long a node cut off from the portal goes on obeying a grant that was revoked meanwhile. */
  readonly revocationMaxAgeSeconds: number;
  readonly policy: Policy;
};

export const DEFAULT_SETTINGS: Settings = {
  institution: "Your institution",
  host: "127.0.0.1",
  port: 7700,
  publicUrl: undefined,
  allowedHosts: [],
  proxies: [],
  revocationMaxAgeSeconds: 60,
  policy: DEFAULT_POLICY,
};

export function parseSettings(text: string, path: string): Result<Settings, Failure> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return err(failure("portal.settings_wrong", { path, detail: "it is not JSON" }, cause));
  }
  if (Value.Check(SettingsFile, value)) return ok(withDefaults(value));
  const [first] = Value.Errors(SettingsFile, value);
  const detail =
    first === undefined ? "it has an unknown form" : `${first.instancePath || "the whole"} ${first.message}`;
  return err(failure("portal.settings_wrong", { path, detail }));
}

function withDefaults(file: Static<typeof SettingsFile>): Settings {
  const { policy = DEFAULT_POLICY, ...rest } = file;
  return { ...DEFAULT_SETTINGS, ...rest, policy };
}
