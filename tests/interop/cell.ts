// One cell of the matrix: our engine and one real client move one torrent, one way, over one kind of connection.

import type { Client, ClientOptions } from "../lab/clients/client.ts";
import type { TorrentFormat } from "../lab/clients/libtorrent.ts";
import type { Host } from "../lab/host.ts";

export type Connection = "TCP" | "MSE" | "uTP" | "MSE over uTP";

export type Peer = {
  readonly title: string;
  /** What must be installed. */
  readonly program: string;
  readonly start: (host: Host, options: ClientOptions) => Promise<Client>;
  readonly formats: readonly TorrentFormat[];
  /** A client that knows only v1 can download a hybrid torrent, padding and all; it cannot seed one without the pads. */
  readonly downloadsHybrid?: boolean;
  readonly connections: readonly Connection[];
};

export type Cell = {
  readonly peer: Peer;
  /** What our engine does. */
  readonly role: "seed" | "leech";
  readonly format: TorrentFormat;
  readonly source: ".torrent" | "magnet";
  readonly connection: Connection;
};

export function titleOf(cell: Cell): string {
  const action = cell.role === "seed" ? "is served to" : "is fetched from";
  return `${cell.format} ${cell.source} ${action} ${cell.peer.title} over ${cell.connection}`;
}

/** Every cell of a peer: all formats over all connections; magnets of all formats over TCP, of the oldest over the rest. */
export function cellsOf(peer: Peer): Cell[] {
  const cells: Cell[] = [];
  for (const connection of peer.connections) {
    for (const format of peer.formats) {
      for (const source of [".torrent", "magnet"] as const) {
        if (connection !== "TCP" && source === "magnet" && format !== peer.formats[0]) continue;
        cells.push(
          { peer, role: "leech", format, source, connection },
          { peer, role: "seed", format, source, connection },
        );
      }
    }
  }
  if (peer.downloadsHybrid === true) {
    cells.push({ peer, role: "seed", format: "hybrid", source: ".torrent", connection: "TCP" });
  }
  return cells;
}
