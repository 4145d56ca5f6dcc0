// What a screen reader hears of changes that nobody asked for: polite, and not more often than it can be listened to.

import { type ReactNode, useSyncExternalStore } from "react";
import { later, nowMs } from "../world/clock.ts";

const PERIOD_MS = 4_000;

let said = "";
let saidAtMs = 0;
let waiting: string | undefined;
const watchers = new Set<() => void>();

export function announce(text: string): void {
  if (text === said) return;
  const restMs = saidAtMs + PERIOD_MS - nowMs();
  if (restMs <= 0) return say(text);
  // Of many changes in a row only the last is worth hearing.
  if (waiting === undefined) later(restMs, () => say(waiting ?? said));
  waiting = text;
}

function say(text: string): void {
  said = text;
  saidAtMs = nowMs();
  waiting = undefined;
  for (const watcher of watchers) watcher();
}

export function Announcer(): ReactNode {
  const text = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => said,
  );
  return (
    <div className="hidden-text" aria-live="polite">
      {text}
    </div>
  );
}
