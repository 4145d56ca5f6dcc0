// How much granted traffic each device and person had today, and each grant with a byte cap in all. The kernel counts and
// closes by itself; this book says what it has to count, and remembers it beyond a restart of either. The names of the
// kernel's quotas carry their day, so that what it counted yesterday is never taken for today's.

import { createHash } from "node:crypto";
import { type Static, Type } from "typebox";
import type { Application } from "../../domain/grant.ts";
import type { Exemption } from "./exemption.ts";
import { capMap, deviceQuotaMap, FAMILIES, personQuotaMap, TABLE } from "./names.ts";
import { familyOf, type GatePolicy } from "./policy.ts";

const BYTES_A_MEGABYTE = 1_000_000;
/** A grant allows bytes of content; the gate counts packets, with their headers and the protocol around the content. */
const OVERHEAD = 1.1;
const CAPPED_APPLICATIONS: readonly Application[] = ["bittorrent", "emule", "soulseek"];

export const QuotaState = Type.Object(
  {
    /** Year, month and day where the policy's midnight is; empty before the first. */
    day: Type.String({ pattern: "^(\\d{8})?$" }),
    /** Bytes by `device ID`, `person ID` and `grant ID`. */
    used: Type.Record(Type.String({ maxLength: 100 }), Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
);
export type QuotaState = Static<typeof QuotaState>;

export type KernelQuota = { readonly name: string; readonly bytes: number; readonly used: number };

export type Closed = Pick<Exemption, "address" | "application">;

/** A limit that is reached: of what, and the sentence for the person who is stopped by it. */
export type UsedUp = {
  readonly key: string;
  /** What it closes. */
  readonly closes: readonly Closed[];
  readonly limitBytes: number;
  readonly usedBytes: number;
  readonly sentence: string;
};

type Share = { readonly key: string; readonly limitBytes: number };
type Budget = {
  readonly name: string;
  readonly key: string;
  readonly limitBytes: number;
  /** What is used is booked on these, the first first. */
  readonly shares: readonly Share[];
  readonly elements: readonly { readonly map: string; readonly address: string }[];
  readonly closes: readonly Closed[];
};

export class QuotaBook {
  readonly #policy: GatePolicy;
  #day: string;
  readonly #used: Map<string, number>;
  #kernel: ReadonlyMap<string, KernelQuota> = new Map();
  #budgets: readonly Budget[] = [];

  constructor(policy: GatePolicy, kept: QuotaState = { day: "", used: {} }) {
    this.#policy = policy;
    this.#day = kept.day;
    this.#used = new Map(Object.entries(kept.used));
  }

  /** What the kernel has counted so far. */
  learn(listed: readonly KernelQuota[]): void {
    this.#kernel = new Map(listed.map((quota) => [quota.name, quota]));
    for (const budget of this.#budgets) this.#book(budget);
  }

  /** Changes when the kernel has to count something else. */
  plan(open: readonly Exemption[], nowMs: number): string {
    this.#turnDay(nowMs);
    this.#budgets = [...this.#daily(open), ...capsOf(open)];
    for (const budget of this.#budgets) this.#book(budget);
    return this.#budgets
      .map(({ name, limitBytes, elements }) => `${name} ${limitBytes} ${elements.map((one) => one.address).join(" ")}`)
      .join("\n");
  }

  /** The part of a transaction that makes the kernel count what was planned. */
  batch(): string {
    const maps = FAMILIES.flatMap((family) => [
      deviceQuotaMap(family),
      personQuotaMap(family),
      ...CAPPED_APPLICATIONS.map((application) => capMap(application, family)),
    ]);
    const wanted = new Map(this.#budgets.map((budget) => [budget.name, budget]));
    const isKept = ({ name, bytes }: KernelQuota): boolean => wanted.get(name)?.limitBytes === bytes;
    const removed = [...this.#kernel.values()].filter((quota) => !isKept(quota));
    const added = this.#budgets.filter(({ name, limitBytes }) => this.#kernel.get(name)?.bytes !== limitBytes);
    const lines = [
      ...maps.map((map) => `flush map ${TABLE} ${map}`),
      ...removed.map(({ name }) => `delete quota ${TABLE} ${name}`),
      ...added.map((budget) => {
        const { name, limitBytes } = budget;
        return `add quota ${TABLE} ${name} { over ${limitBytes} bytes used ${this.#usedOf(budget)} bytes }`;
      }),
      ...this.#budgets.flatMap(({ name, elements }) =>
        elements.map(({ map, address }) => `add element ${TABLE} ${map} { ${address} : "${name}" }`),
      ),
    ];
    return `${lines.join("\n")}\n`;
  }

  /** Whether there is anything to count at all. */
  get isCounting(): boolean {
    return this.#budgets.length > 0;
  }

  get usedUp(): UsedUp[] {
    return this.#budgets.flatMap((budget) => {
      const usedBytes = this.#usedOf(budget);
      const { key, limitBytes } = budget;
      if (usedBytes < limitBytes) return [];
      return [{ key, closes: budget.closes, limitBytes, usedBytes, sentence: sentenceOf(key, limitBytes) }];
    });
  }

  get state(): QuotaState {
    return { day: this.#day, used: Object.fromEntries(this.#used) };
  }

  // A day begins only after the last one that was seen: a clock that is set back gives nobody a second day.
  #turnDay(nowMs: number): void {
    const counted = [...this.#kernel.keys()].map((name) => /_(\d{8})$/.exec(name)?.[1] ?? "");
    const seen = [this.#day, ...counted].reduce((a, b) => (a > b ? a : b));
    const today = dayOf(nowMs, this.#policy.quotas.timeZone);
    const day = today > seen ? today : seen;
    if (day === this.#day) return;
    for (const key of this.#used.keys()) if (!key.startsWith("grant ")) this.#used.delete(key);
    this.#day = day;
  }

  #daily(open: readonly Exemption[]): Budget[] {
    const { quotas, devices, persons } = this.#policy;
    const ofDevice = (id: string): number | undefined => own(devices, id) ?? quotas.deviceMegabytesPerDay;
    const ofPerson = (id: string): number | undefined => own(persons, id) ?? quotas.personMegabytesPerDay;
    return [
      ...this.#each(open, "device", ofDevice, deviceQuotaMap),
      ...this.#each(open, "person", ofPerson, personQuotaMap),
    ];
  }

  #each(
    open: readonly Exemption[],
    kind: "device" | "person",
    megabytesOf: (id: string) => number | undefined,
    mapOf: (family: 4 | 6) => string,
  ): Budget[] {
    return [...Map.groupBy(open, (one) => one[kind])].flatMap(([id, theirs]) => {
      const megabytes = megabytesOf(id);
      if (megabytes === undefined) return [];
      const limitBytes = megabytes * BYTES_A_MEGABYTE;
      const key = `${kind} ${id}`;
      const name = `${kind}_${id}_${this.#day}`;
      return [{ name, key, limitBytes, shares: [{ key, limitBytes }], ...reachOf(theirs, mapOf) }];
    });
  }

  /** The kernel's count may be behind after a restart of the machine, never ahead of what was used. */
  #book(budget: Budget): void {
    const counted = this.#kernel.get(budget.name)?.used ?? 0;
    let rest = Math.max(counted, this.#usedOf(budget));
    const last = budget.shares.at(-1);
    for (const share of budget.shares) {
      const part = share === last ? rest : Math.min(rest, share.limitBytes);
      this.#used.set(share.key, part);
      rest -= part;
    }
  }

  #usedOf(budget: Budget): number {
    return budget.shares.reduce((sum, share) => sum + (this.#used.get(share.key) ?? 0), 0);
  }
}

/** The gate cannot tell one content from another: capped grants of one device for one application share their caps. */
function capsOf(open: readonly Exemption[]): Budget[] {
  const groups = Map.groupBy(open, (one) => `${one.device} ${one.application}`);
  return [...groups.values()].flatMap((theirs) => {
    const [first] = theirs;
    if (first === undefined || theirs.some((one) => one.maxBytes === undefined)) return [];
    const byGrant = new Map(theirs.map((one) => [one.grant, Math.ceil((one.maxBytes ?? 0) * OVERHEAD)]));
    const shares = [...byGrant]
      .map(([grant, limitBytes]) => ({ key: `grant ${grant}`, limitBytes }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const named = createHash("sha256").update(shares.map((share) => share.key).join("\n"));
    const name = `cap_${first.application}_${named.digest("hex").slice(0, 16)}`;
    const limitBytes = shares.reduce((sum, share) => sum + share.limitBytes, 0);
    const reach = reachOf(theirs, (family) => capMap(first.application, family));
    return [{ name, key: shares[0]?.key ?? name, limitBytes, shares, ...reach }];
  });
}

function reachOf(theirs: readonly Exemption[], mapOf: (family: 4 | 6) => string): Pick<Budget, "elements" | "closes"> {
  const addresses = [...new Set(theirs.map((one) => one.address))];
  const elements = addresses.map((address) => ({ map: mapOf(familyOf(address) ?? 4), address }));
  return { elements, closes: theirs.map(({ address, application }) => ({ address, application })) };
}

function own(rules: Readonly<Record<string, { megabytesPerDay?: number }>>, id: string): number | undefined {
  return Object.hasOwn(rules, id) ? rules[id]?.megabytesPerDay : undefined;
}

function sentenceOf(key: string, limitBytes: number): string {
  const megabytes = Math.round(limitBytes / BYTES_A_MEGABYTE);
  if (key.startsWith("grant ")) return `The ${megabytes} MB that this grant allows are used up.`;
  const whose = key.startsWith("device ") ? "This device" : "This person";
  return `${whose} has used up the ${megabytes} MB of today; it goes on after midnight.`;
}

function dayOf(nowMs: number, timeZone: string): string {
  const form = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  return form.format(nowMs).replaceAll("-", "");
}
