// Whether a device may have itself called back, and where: at the address of its own connection, while it holds a grant.

import { type Failure, failure } from "../../base/failure.ts";
import { err, type Result } from "../../base/result.ts";
import type { Reach, ReachCall } from "../../wire/api/v1/reach.ts";
import type { DeviceCaller } from "../caller.ts";
import type { Core } from "../core.ts";

/** How the call came in: from where, and what it says of others on its way. */
export type Arrival = {
  readonly address: string;
  /** The other end of the connection itself: another address where a proxy of the institution's stands in between. */
  readonly connectedFrom: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
};

/** Headers that proxies add (RFC 7239, RFC 9110): the connection is then the proxy's own. */
const PROXY_HEADERS = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/** Failure codes: portal.caller_hidden, portal.reach_needless, portal.calls_too_many. */
export async function reachDevice(
  core: Core,
  caller: DeviceCaller,
  arrival: Arrival,
  call: ReachCall,
): Promise<Result<Reach, Failure>> {
  const host = plain(arrival.address);
  if (isHidden(core, host, arrival)) return err(failure("portal.caller_hidden", { address: host }));
  const grant = await core.database
    .selectFrom("grant")
    .select("id")
    .where("device_id", "=", caller.deviceId)
    .where("state", "=", "active")
    .where("expires_at_ms", ">", core.world.clock.wallMs())
    .limit(1)
    .executeTakeFirst();
  if (grant === undefined) return err(failure("portal.reach_needless"));
  return core.callBack.call(caller.deviceId, host, call);
}

// A proxy in front, on this machine or another, makes every caller look like itself: calling that address back would
// let any device look at the proxy's ports. This server speaks no TLS, so a public https address means a proxy.
function isHidden({ settings }: Core, host: string, { connectedFrom, headers }: Arrival): boolean {
  // A proxy of the institution's own was believed.
  if (connectedFrom !== undefined && plain(connectedFrom) !== host) return false;
  if (PROXY_HEADERS.some((name) => headers[name] !== undefined)) return true;
  if (settings.publicUrl === undefined) return false;
  return settings.publicUrl.startsWith("https:") || host === "::1" || host.startsWith("127.");
}

function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "").toLowerCase();
}
