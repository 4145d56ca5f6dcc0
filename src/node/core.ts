// What the parts of a running node share. Each of them has one owner: the node (start.ts).

import type { GrantClaims } from "../domain/grant.ts";
import type { Engine, TorrentSource } from "../engine/contract.ts";
import type { DiscoverySource } from "../engine/discovery/source.ts";
import type { ExtensionHook } from "../engine/extension.ts";
import type { Clock } from "../world/clock.ts";
import type { GrantKeeper } from "./grants/keeper.ts";
import type { Quarantine } from "./quarantine/quarantine.ts";
import type { Scanner } from "./scan/scanner.ts";
import type { GrantStore } from "./store/grants.ts";
import type { TransferStore } from "./store/transfers.ts";

export type NodeCore = {
  readonly clock: Clock;
  readonly engine: Engine;
  readonly keeper: GrantKeeper;
  readonly grants: GrantStore;
  readonly transfers: TransferStore;
  readonly quarantine: Quarantine;
  readonly scanner: Scanner;
  /** Where released files go unless the person chose another folder. */
  readonly libraryPath: string;
  readonly resumePath: string;
  /** Trackers and the like for one torrent; asked only after its grant allows it. */
  /** Peer exchange where the swarm is open; one set for all torrents. */
  readonly extensions: (source: TorrentSource, claims: GrantClaims) => readonly ExtensionHook[];
  readonly discovery: (source: TorrentSource, claims: GrantClaims) => readonly DiscoverySource[];
};
