// What is open in the kernel: grants as they come and go, for as long as they hold and their bytes are not used up.

import type { Failure } from "../../base/failure.ts";
import { type Exemption, exemptionBatch, exemptionsOf } from "./exemption.ts";
import type { GrantFeed } from "./grant-book.ts";
import { FAMILIES, TABLE, tunnelFlowMap, tunnelMap } from "./names.ts";
import { applyRules, readRules } from "./nft.ts";
import type { GatePolicy } from "./policy.ts";
import { type Closed, type KernelQuota, QuotaBook, type QuotaState, type UsedUp } from "./quota-book.ts";

export type OpeningEvents = {
  /** `isOther`: something opened or closed; else only its end is another. */
  readonly onOpened: (open: readonly Exemption[], isOther: boolean) => void;
  /** Whenever a limit is reached, or one that was reached no longer is. */
  readonly onUsedUp: (usedUp: readonly UsedUp[]) => void;
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
  #whose = "";
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

  get isCounting(): boolean {
    return this.#quotas.isCounting;
  }

  get quotaState(): QuotaState {
    return this.#quotas.state;
  }

  /** Whether a grant opens the application to one of the addresses, and no limit has closed it again. */
  at(application: string, ends: readonly string[]): "open" | "over-quota" | "closed" {
    const concerns = (one: Closed): boolean => one.application === application && ends.includes(one.address);
    if (!this.#open.some(concerns)) return "closed";
    return this.#usedUp.some((one) => one.closes.some(concerns)) ? "over-quota" : "open";
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
    const whose = open.map((one) => `${one.address} ${one.application} ${one.direction}`).join("\n");
    const key = `${whose}\n${open.map((one) => endOf(one, nowMs)).join(" ")}\n${planned}`;
    if (key === this.#key) return;
    // What the kernel counted last stands in the new quotas, or the change would give bytes back.
    await this.readQuotas();
    // Whose tunnel was refused may have a grant since: what is still in it is found again at once.
    const isOther = whose !== this.#whose;
    const refused = isOther ? FAMILIES.flatMap((family) => [tunnelMap(family), tunnelFlowMap(family)]) : [];
    const forgotten = refused.map((name) => `flush map ${TABLE} ${name}\n`).join("");
    const applied = await applyRules(exemptionBatch(open) + this.#quotas.batch() + forgotten);
    if (!applied.ok) return this.#events.onTrouble(applied.error);
    await this.readQuotas();
    const isFirst = this.#key === undefined && open.length === 0;
    this.#key = key;
    this.#whose = whose;
    this.#open = open;
    if (!isFirst) this.#events.onOpened(open, isOther);
  }

  /** What the kernel counted so far. */
  async readQuotas(): Promise<void> {
    const listed = await readRules(["list", "quotas", "table", "inet", "swarmgate"]);
    if (!listed.ok) return this.#events.onTrouble(listed.error);
    const { nftables } = JSON.parse(listed.value) as Listed;
    this.#quotas.learn(nftables.flatMap(({ quota }) => (quota === undefined ? [] : [quota])));
    const usedUp = this.#quotas.usedUp;
    const keyOf = (list: readonly UsedUp[]): string => list.map((one) => one.key).join("\n");
    const isNews = keyOf(usedUp) !== keyOf(this.#usedUp);
    this.#usedUp = usedUp;
    if (isNews) this.#events.onUsedUp(usedUp);
  }
}

function endOf(exemption: Exemption, nowMs: number): number {
  const granularitySeconds = 5;
  return Math.round((nowMs / 1000 + exemption.seconds) / granularitySeconds);
}
