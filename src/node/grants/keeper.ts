// Holds this device's grants and answers the one question: may this content be fetched now? The default is no. Tokens
// are opened with the key that was pinned when the device joined (H97–H107).

import { createPublicKey } from "node:crypto";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { GrantClaims, RevocationList } from "../../domain/grant.ts";
import { acceptRevocations, type GrantAnswer, grantsCover } from "../../domain/grant-check.ts";
import { advanceTime, type TrustedTime } from "../../domain/trusted-time.ts";
import { GRANT_FORM, REVOCATIONS_FORM, TOKEN_ALGORITHM } from "../../wire/api/grant-token.ts";
import { openToken, type SealingKey } from "../../wire/api/sealed-token.ts";
import type { Clock } from "../../world/clock.ts";
import type { Enrolment, Facts } from "../store/facts.ts";
import type { GrantStore, HeldGrant } from "../store/grants.ts";

export type KeeperParts = {
  readonly facts: Facts;
  readonly store: GrantStore;
  readonly clock: Clock;
  readonly enrolment: Enrolment;
  readonly deviceThumbprint: string;
};

type Held = HeldGrant & { readonly claims: GrantClaims };
export type ContentHashes = { readonly infoHashV1?: string | undefined; readonly infoHashV2?: string | undefined };

export class GrantKeeper {
  readonly #parts: KeeperParts;
  readonly #root: SealingKey;
  readonly #held = new Map<string, Held>();
  #revocations: RevocationList | undefined;
  #time: TrustedTime;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    const { kid, ...jwk } = parts.enrolment.rootKey;
    this.#root = { key: createPublicKey({ key: jwk, format: "jwk" }), algorithm: TOKEN_ALGORITHM, kid };
    this.#time = { reachedMs: parts.facts.reachedMs(), atMonotonicMs: parts.clock.monotonicMs() };
  }

  /** Reads back what was kept. Everything is verified again: the database is not a trust anchor. */
  async restore(): Promise<void> {
    const list = this.#parts.facts.revocationsJws();
    const opened = list === undefined ? undefined : await openToken(REVOCATIONS_FORM, list, this.#root);
    if (opened?.ok) this.#revocations = opened.value;
    for (const grant of this.#parts.store.all()) {
      const claims = await this.#open(grant.jws);
      if (claims.ok) this.#held.set(grant.grantId, { ...grant, claims: claims.value });
    }
  }

  /** Failure codes: node.grant_invalid. */
  async accept(grant: HeldGrant): Promise<Result<GrantClaims, Failure>> {
    const claims = await this.#open(grant.jws);
    if (!claims.ok) return claims;
    if (claims.value.jti !== grant.grantId || claims.value.req !== grant.requestId) {
      return err(failure("node.grant_invalid", { detail: "it is not the grant that it was sent as" }));
    }
    if (this.#parts.store.isDropped(grant.grantId)) return claims;
    this.#held.set(grant.grantId, { ...grant, claims: claims.value });
    this.#parts.store.keep(grant, this.nowMs());
    return claims;
  }

  /** A list that is older than the held one, or not signed by the institution, changes nothing (H100, H103). */
  async acceptRevocations(jws: string): Promise<Result<undefined, Failure>> {
    const opened = await openToken(REVOCATIONS_FORM, jws, this.#root);
    if (!opened.ok)
      return err(failure("node.grant_invalid", { detail: `its list of revoked grants is ${opened.error}` }));
    const answer = acceptRevocations(this.#revocations, opened.value, this.nowMs());
    if (!answer.accept) {
      return err(failure("node.grant_invalid", { detail: `its list of revoked grants was ${answer.why}` }));
    }
    this.#revocations = opened.value;
    this.#parts.facts.keepRevocationsJws(jws);
    return ok();
  }

  /** The transfer was removed: the grant is no longer used. */
  drop(grantId: string): void {
    this.#held.delete(grantId);
    this.#parts.store.drop(grantId);
  }

  held(): readonly Held[] {
    return [...this.#held.values()];
  }

  find(grantId: string): Held | undefined {
    return this.#held.get(grantId);
  }

  /** Whether any grant of this device lets it download this content now. */
  covers(content: ContentHashes): GrantAnswer {
    return grantsCover(
      this.held().map((held) => held.claims),
      this.#query(content),
    );
  }

  /** Whether this one grant does, all others counted only where they deny. */
  coversBy(grantId: string, content: ContentHashes): GrantAnswer {
    const own = this.#held.get(grantId);
    if (!own) return { allow: false, code: "grant.none", why: "the grant is not on this computer" };
    const answer = grantsCover([own.claims], this.#query(content));
    if (!answer.allow) return answer;
    const all = this.covers(content);
    return all.allow ? answer : all;
  }

  /** Never earlier than any time that was ever seen, also across restarts (H98). */
  nowMs(): number {
    const { clock, facts } = this.#parts;
    this.#time = advanceTime(this.#time, { wallMs: clock.wallMs(), monotonicMs: clock.monotonicMs() });
    // Written seldom: a minute of it may be lost in a crash, and the revocation list's own time bounds that.
    if (this.#time.reachedMs - facts.reachedMs() > 60_000) facts.keepReachedMs(this.#time.reachedMs);
    return this.#time.reachedMs;
  }

  /** How long the held list may still be used; negative when it is too old, undefined when there is none. */
  revocationsFreshMs(): number | undefined {
    const list = this.#revocations;
    return list === undefined ? undefined : (list.iat + list.maxAgeSeconds) * 1000 - this.nowMs();
  }

  #query(content: ContentHashes): Parameters<typeof grantsCover>[1] {
    const { enrolment, deviceThumbprint } = this.#parts;
    return {
      device: { id: enrolment.deviceId, keyThumbprint: deviceThumbprint },
      direction: "download",
      application: "bittorrent",
      content,
      nowMs: this.nowMs(),
      revocations: this.#revocations,
    };
  }

  async #open(jws: string): Promise<Result<GrantClaims, Failure>> {
    const opened = await openToken(GRANT_FORM, jws, this.#root);
    return opened.ok ? opened : err(failure("node.grant_invalid", { detail: `its seal is ${opened.error}` }));
  }
}
