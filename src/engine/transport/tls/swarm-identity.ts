// Who we are in one closed swarm, and whom we let in there. libtorrent's "SSL torrents" (no BEP).

import { asBuffer } from "../../../base/bytes.ts";
import type { TlsIdentity, TlsPeer } from "../../../world/tls.ts";

export type SwarmIdentity = {
  /** 20-byte hashes under which peers may name the swarm: v1, truncated v2, or both. */
  readonly infoHashes: readonly Uint8Array[];
  /** The torrent's name: a certificate must be issued for exactly it. */
  readonly torrentName: string;
  readonly tls: TlsIdentity;
  /** Whether a certificate for `*` (every torrent of this root) is enough. */
  readonly wildcard: "accept" | "refuse";
  /** What else must hold of a certificate (its grant runs, it is not revoked). Absent: nothing. */
  readonly admits?: (peer: TlsPeer) => boolean;
};

export type NameRefusal = "certificate-for-other-torrent" | "certificate-wildcard" | "certificate-not-admitted";

/** Why this peer stays out; undefined lets it in. */
export function refusalOf(swarm: SwarmIdentity, peer: TlsPeer): NameRefusal | undefined {
  // libtorrent falls back to the last common name; a certificate that has DNS names speaks through them alone.
  const last = peer.commonNames.at(-1);
  const names = peer.dnsNames.length > 0 || last === undefined ? peer.dnsNames : [Buffer.from(last)];
  const wanted = Buffer.from(swarm.torrentName);
  if (!names.some((name) => asBuffer(name).equals(wanted))) {
    if (!names.some(isWildcard)) return "certificate-for-other-torrent";
    if (swarm.wildcard === "refuse") return "certificate-wildcard";
  }
  return swarm.admits?.(peer) === false ? "certificate-not-admitted" : undefined;
}

function isWildcard(name: Uint8Array): boolean {
  return name.length === 1 && name[0] === 0x2a;
}
