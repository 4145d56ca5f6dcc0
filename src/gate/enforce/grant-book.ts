// What the gate believes of grants: only what the institution's root key signed, and of revocation lists the newest. Each
// signature is checked once, for the same tokens come again and again.

import { readFile } from "node:fs/promises";
import { importJWK, type JWK } from "jose";
import { Type } from "typebox";
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

export type HeldGrants = { readonly grants: readonly GrantClaims[]; readonly revocations: RevocationList | undefined };

/** Where grants come from: a file, or the portal. */
export interface GrantFeed {
  /** What holds now, as far as is known; cheap when nothing has changed. */
  read(nowMs: number): Promise<Result<HeldGrants, Failure>>;
  close(): void;
}

export async function readRootKey(path: string): Promise<Result<SealingKey, Failure<"gate.root_key_malformed">>> {
  try {
    const jwk: unknown = JSON.parse(await readFile(path, "utf8"));
    if (!Value.Check(RootKey, jwk)) return err(failure("gate.root_key_malformed", { path }));
    const publicJwk: PublicJwk = { kty: jwk.kty, crv: jwk.crv, x: jwk.x };
    const key = await importJWK({ ...publicJwk } satisfies JWK, "EdDSA");
    if (key instanceof Uint8Array) return err(failure("gate.root_key_malformed", { path }));
    return ok({ key, algorithm: "EdDSA", kid: keyThumbprint(publicJwk) });
  } catch (cause) {
    return err(failure("gate.root_key_malformed", { path }, cause));
  }
}

export class GrantBook {
  readonly #root: SealingKey;
  /** Claims by token; undefined for a token that was refused. */
  #known = new Map<string, GrantClaims | undefined>();
  #revocations: RevocationList | undefined;
  #listToken = "";
  /** Tokens that were refused: a wrong signature among them is an alarm. */
  refusedTokens = 0;

  constructor(root: SealingKey) {
    this.#root = root;
  }

  /** A list that is older than the one held is refused and the held one stays (H100). */
  async take(tokens: readonly string[], list: string | undefined, nowMs: number): Promise<HeldGrants> {
    await this.#takeRevocations(list, nowMs);
    const known = new Map<string, GrantClaims | undefined>();
    for (const token of tokens) {
      known.set(token, this.#known.has(token) ? this.#known.get(token) : await this.#open(token));
    }
    this.#known = known;
    return this.held;
  }

  get held(): HeldGrants {
    return {
      grants: [...this.#known.values()].filter((claims) => claims !== undefined),
      revocations: this.#revocations,
    };
  }

  async #open(token: string): Promise<GrantClaims | undefined> {
    const opened = await openToken(GRANT_FORM, token, this.#root);
    if (opened.ok) return opened.value;
    this.refusedTokens += 1;
    return undefined;
  }

  async #takeRevocations(token: string | undefined, nowMs: number): Promise<void> {
    if (token === undefined || token === this.#listToken) return;
    const opened = await openToken(REVOCATIONS_FORM, token, this.#root);
    if (!opened.ok || !acceptRevocations(this.#revocations, opened.value, nowMs).accept) {
      this.refusedTokens += 1;
      return;
    }
    this.#revocations = opened.value;
    this.#listToken = token;
  }
}
