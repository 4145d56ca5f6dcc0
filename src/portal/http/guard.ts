// Calls that are refused before anybody looks at them: other hosts' names, other sites' forms.

import type { FastifyRequest } from "fastify";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";

/** HOSTILE 164: a page whose name was rebound to this address still says its own name here. */
export function checkHost(request: FastifyRequest, allowed: ReadonlySet<string>): Result<undefined, Failure> {
  const host = (request.headers.host ?? "").toLowerCase();
  return allowed.has(host) ? ok() : err(failure("portal.host_wrong", { host }));
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * HOSTILE 158: a call that changes something with the browser's own authority (the cookie, or signing in) must carry a
 * header that no form can send, and must not name another origin.
 */
export function checkForgery(
  request: FastifyRequest,
  origin: string,
  authority: "ambient" | "explicit",
): Result<undefined, Failure> {
  if (SAFE_METHODS.has(request.method) || authority === "explicit") return ok();
  const { headers } = request;
  if (headers["x-swarmgate"] !== "1") return refused("header");
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return refused("site");
  // The page may be open under any of the allowed names: its origin is the host that was asked.
  const own = `${new URL(origin).protocol}//${headers.host ?? ""}`.toLowerCase();
  if (headers.origin !== undefined && headers.origin.toLowerCase() !== own) return refused("origin");
  return ok();
}

function refused(by: string): Result<undefined, Failure> {
  return err(failure("portal.call_forged", { by }));
}
