// What a check of `swarmgate doctor` says: it holds, or why it does not and what to do.

import type { Check } from "../wire/local/status.ts";

export function good(name: string, what: string): Check {
  return { name, ok: true, what, why: null, next: null };
}

export function bad(name: string, what: string, why: string, next: string): Check {
  return { name, ok: false, what, why, next };
}
