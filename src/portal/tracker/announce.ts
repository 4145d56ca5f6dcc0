// One announce to the private tracker: only under an active grant, only for its content, only with its key.

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { encode } from "../../wire/bencode/encode.ts";
import type { Core } from "../core.ts";
import { Throttle } from "../throttle.ts";
import { readAnnounceQuery } from "./announce-query.ts";
import { ANNOUNCE_INTERVAL_SECONDS, type SwarmPeer } from "./swarms.ts";

/** Started, completed, stopped and a few regular ones at once; then one in ten seconds (HOSTILE 79). */
export const announceThrottle = (): Throttle => new Throttle({ burst: 12, perSecond: 0.1 });

export type AnnounceCall = {
  readonly key: string;
  /** What stands after the question mark, still encoded. */
  readonly query: string;
  /** The address that the connection comes from: 4 or 16 bytes. */
  readonly address: Uint8Array;
};

export async function announce(
  core: Core,
  throttle: Throttle,
  call: AnnounceCall,
): Promise<Result<Uint8Array, Failure>> {
  const nowMs = core.world.clock.monotonicMs();
  const waitMs = throttle.take(call.key, nowMs);
  if (waitMs > 0) return err(failure("portal.calls_too_many", { seconds: Math.ceil(waitMs / 1000) }));
  const read = readAnnounceQuery(call.query);
  if (!read.ok) return read;
  const { infoHash, peerId, port, leftBytes, event, wantedPeers } = read.value;
  const grant = await core.database
    .selectFrom("grant")
    .select(["id", "info_hash_v1", "info_hash_v2", "expires_at_ms"])
    .where("tracker_key", "=", call.key)
    .where("state", "=", "active")
    .executeTakeFirst();
  if (grant === undefined || grant.expires_at_ms <= core.world.clock.wallMs()) {
    return err(failure("portal.announce_denied"));
  }
  // BEP 52: on the wire a v2 hash is cut to 20 bytes.
  if (infoHash !== grant.info_hash_v1 && infoHash !== grant.info_hash_v2?.slice(0, 40)) {
    return err(failure("portal.announce_denied"));
  }
  const peerKey = `${grant.id} ${peerId} ${call.address.length}`;
  const peer: SwarmPeer = { grantId: grant.id, address: call.address, port, complete: leftBytes === 0, seenMs: nowMs };
  if (event === "stopped") core.swarms.leave(infoHash, peerKey);
  else if (!core.swarms.enter(infoHash, peerKey, peer)) return err(failure("portal.swarm_full"));
  return ok(reply(core, infoHash, peer, event === "stopped" ? 0 : wantedPeers));
}

function reply(core: Core, infoHash: string, asking: SwarmPeer, wanted: number): Uint8Array {
  const peers = core.swarms.others(infoHash, asking, wanted);
  const six = peers.filter((peer) => peer.address.length === 16);
  return encode({
    interval: ANNOUNCE_INTERVAL_SECONDS,
    "min interval": ANNOUNCE_INTERVAL_SECONDS / 4,
    ...core.swarms.counts(infoHash),
    peers: compact(peers.filter((peer) => peer.address.length === 4)),
    peers6: six.length === 0 ? undefined : compact(six),
  });
}

function compact(peers: readonly SwarmPeer[]): Uint8Array {
  return Buffer.concat(peers.flatMap(({ address, port }) => [address, Uint8Array.of(port >> 8, port & 255)]));
}
