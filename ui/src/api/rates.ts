// The last minutes of every transfer's rates, as the events told them: enough for a graph, bounded by construction.

import { useSyncExternalStore } from "react";
import type { Transfer } from "../../../src/wire/api/v1/transfer.ts";

export type RatePoint = { readonly atMs: number; readonly rateDown: number; readonly rateUp: number };
const POINTS_MAX = 300;
const TRANSFERS_MAX = 100;

const points = new Map<string, readonly RatePoint[]>();
const watchers = new Set<() => void>();
const NONE: readonly RatePoint[] = [];

export function noteRate({ id, updatedAtMs, rateDown, rateUp }: Transfer): void {
  const before = points.get(id) ?? NONE;
  const last = before.at(-1);
  if (last !== undefined && last.atMs >= updatedAtMs) return;
  points.delete(id);
  points.set(id, [...before.slice(1 - POINTS_MAX), { atMs: updatedAtMs, rateDown, rateUp }]);
  const oldest = points.keys().next().value;
  if (points.size > TRANSFERS_MAX && oldest !== undefined) points.delete(oldest);
  for (const watcher of watchers) watcher();
}

export function useRates(id: string): readonly RatePoint[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => points.get(id) ?? NONE,
  );
}
