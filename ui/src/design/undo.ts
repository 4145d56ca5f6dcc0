// Actions that can be taken back for ten seconds: they are sent when the time is over, or when the page is left.

import { useSyncExternalStore } from "react";
import { type Refusal, refusalFrom } from "../api/call.ts";
import { later, nowMs } from "../world/clock.ts";

const UNDO_MS = 10_000;

export type Undoable = {
  /** What it is about (ids of requests): a list marks them while it waits. */
  readonly subjects: readonly string[];
  readonly says: string;
  readonly send: (options: { readonly keepalive: boolean }) => Promise<unknown>;
  readonly doneSays: string;
};

type Base = { readonly key: number; readonly action: Undoable };
export type Toast =
  | (Base & { readonly at: "waiting"; readonly untilMs: number })
  | (Base & { readonly at: "held"; readonly restMs: number })
  | (Base & { readonly at: "sending" })
  | (Base & { readonly at: "done" })
  | (Base & { readonly at: "refused"; readonly refusal: Refusal });

const DONE_SHOWN_MS = 6_000;

let toasts: readonly Toast[] = [];
let keys = 0;
const timers = new Map<number, () => void>();
const watchers = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const watcher of watchers) watcher();
}

function put(toast: Toast): void {
  set(
    toasts.some(({ key }) => key === toast.key)
      ? toasts.map((old) => (old.key === toast.key ? toast : old))
      : [...toasts, toast],
  );
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => toasts,
  );
}

export function startUndoable(action: Undoable): void {
  keys += 1;
  wait({ key: keys, action }, UNDO_MS);
}

/** Holds the time while the reader's hand or focus is on the toast: nobody is hurried. */
export function hold(key: number): void {
  const toast = toasts.find((one) => one.key === key);
  if (toast?.at !== "waiting") return;
  stopTimer(key);
  put({ key, action: toast.action, at: "held", restMs: toast.untilMs - nowMs() });
}

export function resume(key: number): void {
  const toast = toasts.find((one) => one.key === key);
  if (toast?.at === "held") wait(toast, toast.restMs);
}

export function dismiss(key: number): void {
  stopTimer(key);
  set(toasts.filter((toast) => toast.key !== key));
}

export async function sendNow(key: number, keepalive = false): Promise<void> {
  const toast = toasts.find((one) => one.key === key);
  if (toast?.at !== "waiting" && toast?.at !== "held") return;
  stopTimer(key);
  const { action } = toast;
  put({ key, action, at: "sending" });
  try {
    await action.send({ keepalive });
    put({ key, action, at: "done" });
    timers.set(
      key,
      later(DONE_SHOWN_MS, () => dismiss(key)),
    );
  } catch (thrown) {
    put({ key, action, at: "refused", refusal: refusalFrom(thrown) });
  }
}

/** A decision that was taken is not lost because the page was closed within its ten seconds. */
export function sendBeforeLeaving(): void {
  addEventListener("pagehide", () => {
    for (const { key } of toasts) void sendNow(key, true);
  });
}

function wait({ key, action }: Base, restMs: number): void {
  put({ key, action, at: "waiting", untilMs: nowMs() + restMs });
  timers.set(
    key,
    later(restMs, () => void sendNow(key)),
  );
}

function stopTimer(key: number): void {
  timers.get(key)?.();
  timers.delete(key);
}
