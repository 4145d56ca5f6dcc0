// The portal's events, as they happen: they renew what the page shows, without moving what the reader looks at.

import { useEffect, useSyncExternalStore } from "react";
import type { PushEvent } from "../../../src/wire/api/v1/event.ts";
import type { Transfer } from "../../../src/wire/api/v1/transfer.ts";
import { later } from "../world/clock.ts";
import { cache, KEYS, renew } from "./cache.ts";
import { noteRate } from "./rates.ts";
import { readReply } from "./reply.ts";

export type Line = "open" | "reconnecting" | "offline";
type EventType = PushEvent["type"];

// What each event makes old. A transfer's event carries the transfer itself, so nothing is fetched for it.
const STALE: Readonly<Record<EventType, readonly (readonly string[])[]>> = {
  request: [KEYS.requests, KEYS.grants],
  grant: [KEYS.grants, KEYS.requests],
  revocations: [],
  transfer: [],
  verdict: [KEYS.quarantine, KEYS.requests],
  quarantine: [KEYS.quarantine],
  command: [],
  blocks: [KEYS.blocks],
  resync: [KEYS.requests, KEYS.grants, KEYS.transfers, KEYS.quarantine, KEYS.blocks],
};
const RECONNECT_DELAY_MS = 3_000;
const RENEW_DELAY_MS = 200;

let line: Line = "open";
const watchers = new Set<() => void>();

function setLine(next: Line): void {
  if (line === next) return;
  line = next;
  for (const watcher of watchers) watcher();
}

export function useLine(): Line {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => line,
  );
}

export function useLiveEvents(): void {
  useEffect(listen, []);
}

function listen(): () => void {
  let source = open();
  let cancelRetry = (): void => undefined;
  const left = (): void => setLine("offline");
  const back = (): void => {
    // A short break may leave the stream standing; what was missed meanwhile is fetched either way.
    setLine(source.readyState === EventSource.OPEN ? "open" : "reconnecting");
    void renew(...STALE.resync);
  };
  addEventListener("offline", left);
  addEventListener("online", back);

  function open(): EventSource {
    const events = new EventSource("/api/v1/events");
    events.addEventListener("open", () => {
      const wasAway = line !== "open";
      setLine("open");
      if (wasAway) void renew(...STALE.resync);
    });
    events.addEventListener("error", () => {
      setLine(navigator.onLine ? "reconnecting" : "offline");
      // The browser reconnects by itself unless the portal answered with a refusal.
      if (events.readyState !== EventSource.CLOSED) return;
      cancelRetry = later(RECONNECT_DELAY_MS, () => {
        void renew(KEYS.me);
        source = open();
      });
    });
    for (const type of Object.keys(STALE))
      events.addEventListener(type, (event: MessageEvent<string>) => take(readReply(event.data) as PushEvent));
    return events;
  }

  return () => {
    cancelRetry();
    source.close();
    removeEventListener("offline", left);
    removeEventListener("online", back);
  };
}

function take(event: PushEvent): void {
  if (event.type === "transfer") takeTransfer(event.transfer);
  renewSoon(STALE[event.type]);
}

const stale = new Set<readonly string[]>();

// A scan of a thousand files is a thousand events: the lists are fetched once for all that come close together.
function renewSoon(keys: readonly (readonly string[])[]): void {
  if (keys.length === 0) return;
  if (stale.size === 0)
    later(RENEW_DELAY_MS, () => {
      void renew(...stale);
      stale.clear();
    });
  for (const key of keys) stale.add(key);
}

type Chapters = { readonly pages: readonly { readonly rows: readonly Transfer[] }[] };

function takeTransfer(transfer: Transfer): void {
  noteRate(transfer);
  let known = false;
  let stateChanged = false;
  cache.setQueriesData<Chapters>({ queryKey: [...KEYS.transfers, "list"] }, (old) => {
    if (old === undefined) return old;
    const pages = old.pages.map((page) => ({
      ...page,
      rows: page.rows.map((row) => {
        if (row.id !== transfer.id) return row;
        known = true;
        stateChanged ||= row.state !== transfer.state;
        return transfer;
      }),
    }));
    return { ...old, pages };
  });
  cache.setQueryData([...KEYS.transfers, "one", transfer.id], transfer);
  if (!known) renewSoon([KEYS.transfers]);
  // The path of the request moves with the state of its transfer.
  if (!known || stateChanged) renewSoon([KEYS.requests, KEYS.grants, KEYS.quarantine]);
}
