// One cell of the matrix: our engine and one real client move one torrent, one way, over one kind of connection.

import type { Client, ClientOptions } from "../lab/clients/client.ts";
import type { TorrentFormat } from "../lab/clients/libtorrent.ts";
import type { Host } from "../lab/host.ts";

export type Connection = "TCP" | "MSE" | "uTP" | "MSE over uTP" | "TLS";

export type Peer = {
  readonly title: string;
  /** What must be installed. */
  readonly program: string;
  readonly start: (host: Host, options: ClientOptions & { readonly sslPort?: number }) => Promise<Client>;
  readonly formats: readonly TorrentFormat[];
  /** A client that knows only v1 takes the padding of a hybrid torrent (BEP 47) for files, and serves it from files. */
  readonly padsAreFiles?: boolean;
  /** Default true. */
  readonly makesEmptyFiles?: boolean;
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

/** Everything that the peer can do over one kind of connection: all formats, both sources, both ways. */
export function cellsOf(peer: Peer, connection: Connection): Cell[] {
  // A closed swarm's root certificate stands in the metadata, so a magnet cannot lead there.
  const sources = connection === "TLS" ? ([".torrent"] as const) : ([".torrent", "magnet"] as const);
  return peer.formats.flatMap((format) =>
    sources.flatMap((source) =>
      (["leech", "seed"] as const).map((role) => ({ peer, role, format, source, connection })),
    ),
  );
}
