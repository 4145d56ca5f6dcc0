// Grants as a file brings them, signed: the stand-alone way, and the form in which the portal's push is kept. Nothing is
// believed that the institution's root key did not sign.

import { readFile } from "node:fs/promises";
import { importJWK, type JWK } from "jose";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { GrantClaims, RevocationList } from "../../domain/grant.ts";
import { acceptRevocations } from "../../domain/grant-check.ts";
import { GRANT_FORM, REVOCATIONS_FORM } from "../../wire/api/grant-token.ts";
import { keyThumbprint, type PublicJwk } from "../../wire/api/key-thumbprint.ts";
import { openToken, type SealingKey } from "../../wire/api/sealed-token.ts";

const RootKey = Type.Object({
  kty: Type.Literal("OKP"),
  crv: Type.Literal("Ed25519"),
  x: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" }),
});
const GrantFile = Type.Object(
  {
    /** Compact tokens of grants and of the newest revocation list. */
    grants: Type.Array(Type.String(), { maxItems: 100_000 }),
    revocations: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type GrantFile = Static<typeof GrantFile>;
export type GrantFileCode = "gate.grants_malformed" | "gate.root_key_malformed";

export type HeldGrants = { readonly grants: readonly GrantClaims[]; readonly revocations: RevocationList | undefined };

export class GrantSource {
  readonly #path: string;
  readonly #root: SealingKey;
  #revocations: RevocationList | undefined;
  /** Tokens that were refused, by why: a wrong signature in this file is an alarm. */
  readonly refused = new Map<string, number>();

  private constructor(path: string, root: SealingKey) {
    this.#path = path;
    this.#root = root;
  }

  static async create(path: string, rootKeyPath: string): Promise<Result<GrantSource, Failure<GrantFileCode>>> {
    try {
      const jwk: unknown = JSON.parse(await readFile(rootKeyPath, "utf8"));
      if (!Value.Check(RootKey, jwk)) return err(failure("gate.root_key_malformed", { path: rootKeyPath }));
      const publicJwk: PublicJwk = { kty: jwk.kty, crv: jwk.crv, x: jwk.x };
      const key = await importJWK({ ...publicJwk } satisfies JWK, "EdDSA");
      if (key instanceof Uint8Array) return err(failure("gate.root_key_malformed", { path: rootKeyPath }));
      return ok(new GrantSource(path, { key, algorithm: "EdDSA", kid: keyThumbprint(publicJwk) }));
    } catch (cause) {
      return err(failure("gate.root_key_malformed", { path: rootKeyPath }, cause));
    }
  }

  /** A list that is older than the one held is refused and the held one stays (H100). */
  async read(nowMs: number): Promise<Result<HeldGrants, Failure<GrantFileCode>>> {
    let file: unknown;
    try {
      file = JSON.parse(await readFile(this.#path, "utf8"));
    } catch (cause) {
      return err(failure("gate.grants_malformed", { path: this.#path }, cause));
    }
    if (!Value.Check(GrantFile, file)) return err(failure("gate.grants_malformed", { path: this.#path }));
    await this.#takeRevocations(file.revocations, nowMs);
    const grants: GrantClaims[] = [];
    for (const token of file.grants) {
      const opened = await openToken(GRANT_FORM, token, this.#root);
      if (opened.ok) grants.push(opened.value);
      else this.#refuse(opened.error);
    }
    return ok({ grants, revocations: this.#revocations });
  }

  async #takeRevocations(token: string | undefined, nowMs: number): Promise<void> {
    if (token === undefined) return;
    const opened = await openToken(REVOCATIONS_FORM, token, this.#root);
    if (!opened.ok) return this.#refuse(opened.error);
    const answer = acceptRevocations(this.#revocations, opened.value, nowMs);
    if (answer.accept) this.#revocations = opened.value;
    else this.#refuse(answer.why);
  }

  #refuse(why: string): void {
    this.refused.set(why, (this.refused.get(why) ?? 0) + 1);
  }
}
