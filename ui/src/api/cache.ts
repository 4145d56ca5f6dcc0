// What the page knows of the portal, and under which key. Live events renew exactly these.

import { QueryCache, QueryClient } from "@tanstack/react-query";
import { RefusalError } from "./call.ts";

export const KEYS = {
  me: ["me"],
  requests: ["requests"],
  grants: ["grants"],
  transfers: ["transfers"],
  quarantine: ["quarantine"],
  audit: ["audit"],
  people: ["people"],
  devices: ["devices"],
  policy: ["policy"],
  suggestions: ["suggestions"],
  blocks: ["blocks"],
} as const;

const SIGNED_OUT = 401;

export const cache = new QueryClient({
  queryCache: new QueryCache({ onError: noticeSignOut }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // A refusal stays a refusal; only silence is worth another try.
      retry: (count, thrown) => count < 2 && thrown instanceof RefusalError && thrown.refusal.status === 0,
    },
  },
});

// The sign-in form then shows in place, at the same address, and what was typed is still there.
export function noticeSignOut(thrown: unknown): void {
  if (thrown instanceof RefusalError && thrown.refusal.status === SIGNED_OUT) cache.setQueryData(KEYS.me, null);
}

export function renew(...keys: readonly (readonly string[])[]): Promise<unknown> {
  return Promise.all(keys.map((queryKey) => cache.invalidateQueries({ queryKey })));
}
