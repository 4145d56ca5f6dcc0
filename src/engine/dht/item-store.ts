// Items that others put into this node (BEP 44): a bounded number, for two hours each unless they are put again.

import { bytesEqual, toHex } from "../../base/bytes.ts";
import { type DhtItem, itemTarget } from "../../wire/dht/item.ts";

/** Of 1,000 bytes each at most: a megabyte and a half with all that belongs to them. */
const ITEMS_MAX = 1_000;
const LIFE_MS = 2 * 3_600_000;

export type PutOutcome = "stored" | "compareFailed" | "sequenceOld";

export class ItemStore {
  /** By the hex of the target; the one that was put longest ago first. */
  readonly #items = new Map<string, { readonly item: DhtItem; readonly sinceMs: number }>();

  get size(): number {
    return this.#items.size;
  }

  /** `compare` is the sequence number that the writer believes to replace. The signature was checked before. */
  put(item: DhtItem, compare: number | undefined, nowMs: number): PutOutcome {
    const target = itemTarget(item);
    const known = this.get(target, nowMs);
    if (item.mutable !== undefined && known?.mutable !== undefined) {
      const before = known.mutable.sequence;
      if (compare !== undefined && compare !== before) return "compareFailed";
      const isSame = item.mutable.sequence === before && bytesEqual(item.value, known.value);
      if (item.mutable.sequence < before || (item.mutable.sequence === before && !isSame)) return "sequenceOld";
    }
    const key = toHex(target);
    this.#items.delete(key);
    this.#items.set(key, { item, sinceMs: nowMs });
    const [oldest] = this.#items.keys();
    if (this.#items.size > ITEMS_MAX && oldest !== undefined) this.#items.delete(oldest);
    return "stored";
  }

  get(target: Uint8Array, nowMs: number): DhtItem | undefined {
    const key = toHex(target);
    const kept = this.#items.get(key);
    if (kept === undefined || nowMs - kept.sinceMs < LIFE_MS) return kept?.item;
    this.#items.delete(key);
    return undefined;
  }
}
