// Finds out who is asking: a session's cookie or bearer token, or a device's proof for exactly this call.

import type { FastifyRequest } from "fastify";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { bodyHash, claimedDevice, openProof } from "../../wire/api/device-proof.ts";
import { DEVICE_AUTH_SCHEME, DEVICE_AUTH_SKEW_SECONDS } from "../../wire/api/v1/device-auth.ts";
import type { Caller, DeviceCaller } from "../caller.ts";
import type { Core } from "../core.ts";
import { storedKey } from "../devices/device.ts";
import { callerPerson, findPerson } from "../people/person-row.ts";
import { sessionCaller } from "../people/session.ts";

export const SESSION_COOKIE = "sg_session";

const SEEN_EVERY_MS = 60_000;
const NONCES_MAX = 500_000;
const TOKEN_CHARACTERS_MAX = 8_192;

/** Where the right to call comes from; a cookie is sent by the browser whoever made the page. */
export type Credentials =
  | { readonly kind: "none" }
  | { readonly kind: "cookie" | "bearer" | "device"; readonly token: string };

export function credentialsOf(request: FastifyRequest): Credentials {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const [scheme = "", token = ""] = header.split(" ", 2);
    if (token.length > TOKEN_CHARACTERS_MAX) return { kind: "none" };
    if (scheme === DEVICE_AUTH_SCHEME) return { kind: "device", token };
    if (scheme.toLowerCase() === "bearer") return { kind: "bearer", token };
    return { kind: "none" };
  }
  const cookie = request.cookies[SESSION_COOKIE];
  return cookie === undefined ? { kind: "none" } : { kind: "cookie", token: cookie };
}

export class Authenticator {
  readonly #core: Core;
  readonly #startedAtSeconds: number;
  /** Nonce to the second after which its proof is too old anyway. */
  readonly #nonces = new Map<string, number>();

  constructor(core: Core) {
    this.#core = core;
    this.#startedAtSeconds = Math.floor(core.world.clock.wallMs() / 1000);
  }

  async caller(request: FastifyRequest, credentials: Credentials): Promise<Result<Caller | undefined, Failure>> {
    switch (credentials.kind) {
      case "none":
        return ok(undefined);
      case "cookie":
      case "bearer":
        return ok(await sessionCaller(this.#core, credentials.token));
      case "device":
        return this.#device(request, credentials.token);
    }
  }

  async #device(request: FastifyRequest, proof: string): Promise<Result<DeviceCaller, Failure>> {
    const { database } = this.#core;
    const claimed = claimedDevice(proof);
    const row =
      claimed === undefined
        ? undefined
        : await database.selectFrom("device").selectAll().where("id", "=", claimed).executeTakeFirst();
    if (row === undefined || row.state !== "active") return wrong("the device is unknown or was removed");
    const key = storedKey(row);
    const algorithm = key.asymmetricKeyType === "ed25519" ? "EdDSA" : "ES256";
    const opened = await openProof(proof, { key, algorithm });
    if (!opened.ok) return wrong("the signature does not hold");
    const { htm, htu, iat, jti, bh, sub } = opened.value;
    if (sub !== row.id || htm !== request.method || htu !== request.raw.url) return wrong("it is for another call");
    if (bh !== bodyHash(bodyBytes(request))) return wrong("it is for another body");
    const nowMs = this.#core.world.clock.wallMs();
    if (Math.abs(nowMs / 1000 - iat) > DEVICE_AUTH_SKEW_SECONDS) return wrong("its time is not the portal's");
    if (!this.#firstUse(`${row.id} ${jti}`, iat, nowMs / 1000)) return wrong("it was used before");
    const person = await findPerson(database, row.person_id);
    if (person === undefined || person.disabled === 1) return err(failure("portal.person_disabled"));
    if (nowMs - (row.last_seen_at_ms ?? 0) > SEEN_EVERY_MS) {
      await database.updateTable("device").set({ last_seen_at_ms: nowMs }).where("id", "=", row.id).execute();
    }
    return ok({ kind: "device", deviceId: row.id, person: callerPerson(person) });
  }

  // Nonces are in memory: a proof from before the start cannot be known to be fresh.
  #firstUse(nonce: string, iatSeconds: number, nowSeconds: number): boolean {
    if (iatSeconds < this.#startedAtSeconds || this.#nonces.has(nonce)) return false;
    for (const [old, goneSeconds] of this.#nonces) {
      if (goneSeconds > nowSeconds) break;
      this.#nonces.delete(old);
    }
    if (this.#nonces.size >= NONCES_MAX) return false;
    this.#nonces.set(nonce, nowSeconds + 2 * DEVICE_AUTH_SKEW_SECONDS + 1);
    return true;
  }
}

const BODIES = new WeakMap<FastifyRequest, Uint8Array>();

/** Kept by the body parsers: the proof is over the bytes as they came. */
export function keepBodyBytes(request: FastifyRequest, bytes: Uint8Array): void {
  BODIES.set(request, bytes);
}

function bodyBytes(request: FastifyRequest): Uint8Array {
  return BODIES.get(request) ?? new Uint8Array();
}

function wrong(detail: string): Result<never, Failure> {
  return err(failure("portal.proof_wrong", { detail }));
}
