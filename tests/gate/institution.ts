// The institution as the gate sees it: a root key, and a file with grants and revocations signed by it.

import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";
import type { Application, Direction, Zone } from "../../src/domain/grant.ts";
import { GRANT_FORM, type GrantToken, REVOCATIONS_FORM } from "../../src/wire/api/grant-token.ts";
import { keyThumbprint } from "../../src/wire/api/key-thumbprint.ts";
import { sealToken } from "../../src/wire/api/sealed-token.ts";

export type Given = {
  readonly id: string;
  readonly device: string;
  readonly application?: Application;
  readonly direction?: Direction;
  readonly zones?: readonly Zone[];
  readonly seconds?: number;
  readonly maxBytes?: number;
};

export class Institution {
  readonly #key: KeyObject;
  readonly #kid: string;
  readonly #grantsPath: string;
  readonly rootKeyPath: string;
  readonly #grants: string[] = [];
  readonly #revoked: string[] = [];
  #number = 0;
  maxAgeSeconds = 3600;

  constructor(folder: string) {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const jwk = publicKey.export({ format: "jwk" });
    const root = { kty: "OKP", crv: "Ed25519", x: jwk.x ?? "" };
    this.#key = privateKey;
    this.#kid = keyThumbprint(root);
    this.#grantsPath = `${folder}/grants.json`;
    this.rootKeyPath = `${folder}/root.jwk`;
    writeFileSync(this.rootKeyPath, JSON.stringify(root));
  }

  /** The options with which the gate obeys this institution. */
  get words(): string[] {
    return ["--grants", this.#grantsPath, "--root-key", this.rootKeyPath];
  }

  async grant(given: Given): Promise<void> {
    const now = Math.floor(Date.now() / 1000);
    const claims: GrantToken = {
      v: 1,
      jti: given.id,
      sub: "person",
      dev: given.device,
      dvk: "k".repeat(43),
      dir: given.direction ?? "download",
      app: given.application ?? "bittorrent",
      content: { infoHashV1: "0".repeat(40), name: "content" },
      swarm: "open",
      zones: [...(given.zones ?? [])],
      ...(given.maxBytes === undefined ? {} : { maxBytes: given.maxBytes }),
      nbf: now - 1,
      exp: now + (given.seconds ?? 600),
      iat: now - 1,
      req: "R-1",
      approvers: ["reviewer"],
      policy: "1",
    };
    this.#grants.push(await sealToken(GRANT_FORM, claims, { key: this.#key, algorithm: "EdDSA", kid: this.#kid }));
    await this.publish();
  }

  async revoke(id: string): Promise<void> {
    this.#revoked.push(id);
    await this.publish();
  }

  /** Writes the file whole, then puts it in place. */
  async publish(): Promise<void> {
    this.#number += 1;
    const now = Math.floor(Date.now() / 1000);
    const revoked = this.#revoked.map((grant) => ({ grant, atSeconds: now, kind: "revoked" as const, why: "test" }));
    const list = { v: 1 as const, n: this.#number, iat: now, maxAgeSeconds: this.maxAgeSeconds, revoked };
    const revocations = await sealToken(REVOCATIONS_FORM, list, { key: this.#key, algorithm: "EdDSA", kid: this.#kid });
    writeFileSync(`${this.#grantsPath}.new`, JSON.stringify({ grants: this.#grants, revocations }));
    renameSync(`${this.#grantsPath}.new`, this.#grantsPath);
  }
}
