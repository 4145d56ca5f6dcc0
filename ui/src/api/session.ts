// Who is signed in, and what they may do.

import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { Me, Session } from "../../../src/wire/api/v1/person.ts";
import { cache, KEYS } from "./cache.ts";
import { call, RefusalError } from "./call.ts";

/** `null`: nobody is signed in. */
export function useMe(): UseQueryResult<Me | null> {
  return useQuery({ queryKey: KEYS.me, queryFn: whoAmI, staleTime: 60_000 });
}

async function whoAmI(): Promise<Me | null> {
  try {
    return await call<Me>("GET", "/me");
  } catch (thrown) {
    if (thrown instanceof RefusalError && thrown.refusal.status === 401) return null;
    throw thrown;
  }
}

export async function signIn(login: string, password: string): Promise<void> {
  await call<Session>("POST", "/session", { body: { login, password } });
  await freshStart();
}

export async function signInByLink(token: string): Promise<void> {
  await call<Session>("POST", "/session/link", { body: { token } });
  await freshStart();
}

export async function signOut(): Promise<void> {
  await call("DELETE", "/session");
  cache.clear();
  cache.setQueryData(KEYS.me, null);
}

// Another person may have been here before: nothing of theirs may stay on the page.
async function freshStart(): Promise<void> {
  cache.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== KEYS.me[0] });
  await cache.fetchQuery({ queryKey: KEYS.me, queryFn: whoAmI, staleTime: 0 });
}
