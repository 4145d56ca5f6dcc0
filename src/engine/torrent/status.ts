// What a torrent and its peers look like from outside, as the contract says it.

import type { PeerStatus, TorrentOptions, TorrentState, TorrentStatus } from "../contract.ts";
import type { DiscoveryStatus } from "../discovery/source.ts";
import type { EngineCore } from "../engine-core.ts";
import type { TokenBuckets } from "../limits/token-bucket.ts";
import type { PeerSession } from "../peer/session-host.ts";
import type { SlowReason } from "../why.ts";
import type { Connections } from "./connections.ts";
import type { Phase } from "./phase.ts";
import { slownessOf } from "./slowness.ts";
import type { Swarm } from "./swarm.ts";
import type { Transfer } from "./transfer.ts";

export type StatusParts = {
  readonly core: EngineCore;
  readonly torrent: TorrentOptions;
  readonly phase: Phase;
  readonly transfer: Transfer | undefined;
  readonly swarm: Swarm;
  readonly connections: Connections;
  readonly down: TokenBuckets;
  readonly discovery: readonly DiscoveryStatus[];
};

export function torrentStatus(parts: StatusParts): TorrentStatus {
  const { core, transfer, swarm, connections, torrent, discovery } = parts;
  const content = transfer?.content;
  const fileBytesDone = content?.fileBytesDone() ?? [];
  const { source } = torrent;
  const name = content?.metainfo.name ?? (source.kind === "magnet" ? source.magnet.displayName : source.metainfo.name);
  return {
    state: stateOf(parts),
    name: name ?? "",
    bytesDone: bytesDone(fileBytesDone, transfer?.wantedFiles),
    bytesWanted: transfer?.fileBytesWanted() ?? 0,
    bytesTotal: content?.metainfo.totalBytes ?? 0,
    bytesDown: swarm.down.bytes,
    bytesUp: swarm.up.bytes,
    bytesWasted: swarm.bytesWasted,
    rateDown: swarm.down.bytesPerSecond,
    rateUp: swarm.up.bytesPerSecond,
    peersConnected: swarm.sessions.size,
    peersKnown: connections.pool.size,
    piecesDone: content?.have.count ?? 0,
    piecesTotal: content?.layout.pieceCount ?? 0,
    pieces: Uint8Array.from(content?.have.bytes ?? []),
    fileBytesDone,
    discovery,
    bannedHosts: core.bans.size,
  };
}

function bytesDone(fileBytesDone: readonly number[], wantedFiles: readonly number[] | undefined): number {
  if (wantedFiles === undefined) return fileBytesDone.reduce((sum, bytes) => sum + bytes, 0);
  return wantedFiles.reduce((sum, n) => sum + (fileBytesDone[n] ?? 0), 0);
}

function stateOf(parts: StatusParts): TorrentState {
  const { phase, transfer } = parts;
  switch (phase.at) {
    case "metadata":
      return { at: "metadata", slow: slowness(parts) };
    case "checking":
      return {
        at: "checking",
        piecesChecked: phase.piecesChecked,
        piecesTotal: transfer?.content.layout.pieceCount ?? 0,
      };
    case "active":
      return transfer?.isComplete === true ? { at: "seeding" } : { at: "downloading", slow: slowness(parts) };
    case "finished":
    case "paused":
    case "stopped":
    case "closed":
      return phase;
    default:
      return phase satisfies never;
  }
}

function slowness({ core, transfer, swarm, connections, down, discovery }: StatusParts): SlowReason | undefined {
  return slownessOf({
    sessions: Array.from(swarm.sessions.values(), ({ chokesUs, weWant, window, piecesTold }) => ({
      chokesUs,
      weWant,
      snubbed: window.snubbed,
      told: piecesTold,
    })),
    dialling: connections.dialling,
    known: connections.pool.size,
    refused: connections.refused,
    banned: core.bans.size,
    lastFailure: connections.lastFailure(),
    missingEverywhere: transfer?.picker.missingEverywhere() ?? 0,
    needsMetadata: transfer === undefined,
    needsHashes: transfer !== undefined && transfer.picker.wantedLeft === 0 && !transfer.isComplete,
    rateDown: swarm.down.bytesPerSecond,
    limit: down.bytesPerSecond,
    waitsForDisk: transfer?.assembly.waitsForDisk ?? false,
    discovery,
  });
}

export function peerStatus(session: PeerSession): PeerStatus {
  return {
    remote: session.stream.remote,
    source: session.source,
    direction: session.direction,
    transport: session.stream.transport,
    client: session.client,
    rateDown: session.down.bytesPerSecond,
    rateUp: session.up.bytesPerSecond,
    bytesDown: session.down.bytes,
    bytesUp: session.up.bytes,
    piecesHeld: session.has?.count ?? 0,
    isSeed: session.uploadOnly || (session.has?.isFull ?? false),
    weChoke: session.weChoke,
    chokesUs: session.chokesUs,
    weWant: session.weWant,
    wantsUs: session.wantsUs,
    snubbed: session.window.snubbed,
    requestsOut: session.window.size,
  };
}
