// What the sources of peers and the extensions of a torrent may see of it, and nothing more.

import type { TorrentOptions } from "../contract.ts";
import type { SwarmView } from "../discovery/source.ts";
import type { EngineCore } from "../engine-core.ts";
import type { Connections, SwarmNames } from "./connections.ts";
import type { Transfer } from "./transfer.ts";

export type SwarmViewParts = {
  readonly core: EngineCore;
  readonly torrent: TorrentOptions;
  readonly names: SwarmNames;
  readonly peerId: Uint8Array;
  readonly connections: Connections;
  readonly transfer: () => Transfer | undefined;
  readonly bytes: () => { readonly bytesDown: number; readonly bytesUp: number };
  readonly isFinished: () => boolean;
};

export function swarmView(parts: SwarmViewParts): SwarmView {
  const { core, torrent, names, peerId, connections, transfer } = parts;
  return {
    get infoHashes() {
      return [names.v1, names.v2].filter((name) => name !== undefined);
    },
    peerId,
    isPrivate: () =>
      torrent.source.kind === "metainfo" ? torrent.source.metainfo.private : transfer()?.content.metainfo.private,
    listenPort: () => core.listening(torrent.transports)[0]?.port ?? 0,
    // A magnet's size is unknown: any number but zero tells a tracker that something is left.
    progress: () => ({ bytesLeft: transfer()?.bytesLeft() ?? 1, ...parts.bytes() }),
    peersWanted: () => (parts.isFinished() ? 0 : connections.room()),
    mayAnnounce: (url) => torrent.admission?.mayAnnounce(url) ?? true,
    mayDial: (remote) => torrent.admission?.mayDial(remote) ?? true,
    metainfo: () => transfer()?.content.metainfo,
    adopt: (stream, source) => connections.adopt(stream, source),
    foundPeers: (peers, source) => {
      for (const remote of peers) connections.found(remote, source);
      connections.dialDue();
    },
  };
}
