// What is open in the kernel: grants as they come and go, for as long as they hold and their bytes are not used up.

import type { Failure } from "../../base/failure.ts";
import { type Exemption, exemptionBatch, exemptionsOf } from "./exemption.ts";
import type { GrantFeed } from "./grant-book.ts";
import { applyRules, readRules } from "./nft.ts";
import type { GatePolicy } from "./policy.ts";
import { type KernelQuota, QuotaBook, type QuotaState, type UsedUp } from "./quota-book.ts";

export type OpeningEvents = {
  readonly onOpened: (open: readonly Exemption[]) => void;
  readonly onUsedUp: (usedUp: UsedUp) => void;
  readonly onTrouble: (failed: Failure) => void;
};

type Listed = { readonly nftables: readonly { readonly quota?: KernelQuota }[] };

export class Openings {
  readonly #policy: GatePolicy;
  readonly #grants: GrantFeed | undefined;
  readonly #quotas: QuotaBook;
  readonly #events: OpeningEvents;
  #open: readonly Exemption[] = [];
  #key: string | undefined;
  #usedUp: readonly UsedUp[] = [];

  constructor(
    options: { readonly policy: GatePolicy; readonly grants: GrantFeed | undefined; readonly kept?: QuotaState },
    events: OpeningEvents,
  ) {
    this.#policy = options.policy;
    this.#grants = options.grants;
    this.#quotas = new QuotaBook(options.policy, options.kept);
    this.#events = events;
  }

  get quotaState(): QuotaState {
    return this.#quotas.state;
  }

  /** Whether a grant opens the application to one of the addresses. */
  isOpen(application: string, ends: readonly string[]): boolean {
    return this.#open.some((one) => one.application === application && ends.includes(one.address));
  }

  /** The limit that closes what a grant opened to one of the addresses. */
  usedUpBy(ends: readonly string[]): UsedUp | undefined {
    return this.#usedUp.find((one) => one.addresses.some((address) => ends.includes(address)));
  }

  /** Opens and closes what changed since the last call. */
  async readGrants(nowMs: number): Promise<void> {
    if (this.#grants === undefined) return;
    const held = await this.#grants.read(nowMs);
    // An unreadable file opens nothing new; what is open ends with its own time in the kernel.
    if (!held.ok) return this.#events.onTrouble(held.error);
    const { grants, revocations } = held.value;
    const open = exemptionsOf(grants, revocations, this.#policy, nowMs);
    const planned = this.#quotas.plan(open, Math.max(nowMs, (revocations?.iat ?? 0) * 1000));
    // Remaining seconds shrink all the time; only what is open, and until when, makes a new transaction worth it.
    const lines = open.map((one) => `${one.address} ${one.application} ${one.direction} ${endOf(one, nowMs)}`);
    const key = `${lines.join("\n")}\n${planned}`;
    if (key === this.#key) return;
    // What the kernel counted last stands in the new quotas, or the change would give bytes back.
    await this.readQuotas();
    const applied = await applyRules(exemptionBatch(open) + this.#quotas.batch());
    if (!applied.ok) return this.#events.onTrouble(applied.error);
    await this.readQuotas();
    const isFirst = this.#key === undefined && open.length === 0;
    this.#key = key;
    this.#open = open;
    if (!isFirst) this.#events.onOpened(open);
  }

  /** What the kernel counted so far. */
  async readQuotas(): Promise<void> {
    const listed = await readRules(["list", "quotas", "table", "inet", "swarmgate"]);
    if (!listed.ok) return this.#events.onTrouble(listed.error);
    const { nftables } = JSON.parse(listed.value) as Listed;
    this.#quotas.learn(nftables.flatMap(({ quota }) => (quota === undefined ? [] : [quota])));
    const usedUp = this.#quotas.usedUp;
    const before = new Set(this.#usedUp.map((one) => one.key));
    this.#usedUp = usedUp;
    for (const one of usedUp) if (!before.has(one.key)) this.#events.onUsedUp(one);
  }
}

function endOf(exemption: Exemption, nowMs: number): number {
  const granularitySeconds = 5;
  return Math.round((nowMs / 1000 + exemption.seconds) / granularitySeconds);
}
