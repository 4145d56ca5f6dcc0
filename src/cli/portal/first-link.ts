// The one-time link that every start prints, so that nobody is ever locked out of their own portal.

import type { Failure } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import type { RunningPortal } from "../../portal/start.ts";

export async function administratorLink(portal: RunningPortal): Promise<Result<string, Failure>> {
  const link = await portal.signInLink(portal.administrator.id);
  return link.ok ? { ok: true, value: link.value.url } : link;
}
