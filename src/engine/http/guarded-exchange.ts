// HTTP requests to URLs that strangers chose: every name is resolved, every address checked, every redirect checked again,
// and the connection goes to the checked address and nowhere else.

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type CheckedUrl, checkUrl, mayConnect, type Reach, reachAfter } from "../../domain/address/url-policy.ts";
import type { Http, HttpHead } from "../../world/http.ts";
import type { Names } from "../../world/names.ts";

export type GuardedWorld = { readonly http: Http; readonly names: Names };

export type GuardedRequest = {
  readonly url: string;
  readonly reach: Reach;
  /** Never credentials: the same headers go to wherever a redirect leads (H85). */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly trustedRoots?: readonly string[];
  readonly signal?: AbortSignal;
  /** An address that `allowedAddresses` gave; default: the first of them. */
  readonly address?: string;
  /** Of the last answer, redirects followed; true lets the body follow. */
  onHead(head: HttpHead): boolean;
  /** Returning false cuts the body off. */
  onBody(chunk: Uint8Array): boolean;
};

const REDIRECTS_MAX = 5;
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export async function guardedExchange(
  request: GuardedRequest,
  world: GuardedWorld,
): Promise<Result<undefined, Failure>> {
  let { url, reach, address } = request;
  for (let hops = 0; hops <= REDIRECTS_MAX; hops++) {
    const checked = checkHttpUrl(url);
    if (!checked.ok) return checked;
    if (address === undefined) {
      const allowed = await allowedAddresses(checked.value, reach, world.names);
      if (!allowed.ok) return allowed;
      [address] = allowed.value;
    }
    if (address === undefined) return err(refusedUrl(url, "its name has no address"));
    let next: string | undefined;
    const answered = await world.http.exchange({
      url: checked.value.href,
      address,
      headers: request.headers,
      timeoutMs: request.timeoutMs,
      ...(request.trustedRoots && { trustedRoots: request.trustedRoots }),
      ...(request.signal && { signal: request.signal }),
      onHead: (head) => {
        next = redirectOf(head, checked.value.href);
        return next === undefined && request.onHead(head);
      },
      onBody: (chunk) => request.onBody(chunk),
    });
    if (!answered.ok || next === undefined) return answered;
    if (checked.value.scheme === "https:" && !next.startsWith("https:")) {
      return err(refusedUrl(next, "a redirect gave up encryption"));
    }
    [url, reach, address] = [next, reachAfter(address, reach), undefined];
  }
  return err(refusedUrl(request.url, "it redirects without end"));
}

/** The addresses of the URL's host that may be connected to, the system's first choice first. */
export async function allowedAddresses(
  url: CheckedUrl,
  reach: Reach,
  names: Names,
): Promise<Result<readonly string[], Failure>> {
  const found = url.literal ? [url.host] : await names.resolve(url.host);
  if (found.length === 0) return err(failure("engine.http_failed", { host: url.host, why: "the name is unknown" }));
  const allowed = found.filter((address) => mayConnect(url, address, reach));
  return allowed.length > 0 ? ok(allowed) : err(refusedUrl(url.href, "it leads to an internal address"));
}

/** So long a part of a path is no word: private trackers put a member's passkey there, or in the query. */
const PASSKEY = /(?<!\/)\/[\w-]{16,}(?=\/|\?|$)/g;

/** Without what no message or log may repeat: passwords, passkeys and the query. */
function refusedUrl(url: string, why: string): Failure {
  const told = url
    .replace(/\?.*$/s, "?…")
    .replace(/\/\/[^/]*@/, "//…@")
    .replaceAll(PASSKEY, "/…");
  return failure("engine.url_refused", { url: told, why });
}

const REFUSALS = {
  "not-a-url": "it is no URL",
  scheme: "its scheme is not allowed",
  "control-character": "it holds a control character or a space",
  credentials: "it carries a user name or password",
  "international-name": "its name is not plain ASCII",
  "address-spelling": "it spells an address in a way that hides it",
  port: "its port is 0",
} as const;

export function checkHttpUrl(url: string): Result<CheckedUrl, Failure> {
  const checked = checkUrl(url, ["http:", "https:"]);
  return typeof checked === "string" ? err(refusedUrl(url, REFUSALS[checked])) : ok(checked);
}

export function checkUdpUrl(url: string): Result<CheckedUrl, Failure> {
  const checked = checkUrl(url, ["udp:"]);
  return typeof checked === "string" ? err(refusedUrl(url, REFUSALS[checked])) : ok(checked);
}

function redirectOf(head: HttpHead, from: string): string | undefined {
  if (!REDIRECT_STATUSES.has(head.status)) return undefined;
  const location = head.headers.get("location");
  // An absolute Location is kept as it is written, so that its spelling is checked and not only its meaning.
  if (location === undefined || /^[a-z][a-z0-9+.-]*:/i.test(location)) return location;
  return URL.parse(location, from)?.href;
}
