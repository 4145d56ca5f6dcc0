// docs/interop.md: the matrix as it ran, without times, so that the page changes only when a result does.

import type { Cell, Connection } from "./cell.ts";

export type Outcome = { readonly cell: Cell; readonly passed: boolean };

const HEAD = `# Interoperability

Our engine against real clients of Debian 12, each in its own network namespace. Every mark is a transfer that ran and whose
bytes were compared; \`tests/interop\` writes this page. "fetched" is our engine downloading from the client, "served" is the
client downloading from our engine. A client that knows only v1 takes the v1 half of a hybrid torrent.

| client | torrent | connection | fetched | served |
|---|---|---|---|---|
`;

const TAIL = `
Closed swarms (TLS) are held against libtorrent by tests/interop/ssl-torrents.test.ts: its nine configurations in both roles
and its six handshake attacks. What a client cannot do has no row: Transmission, aria2 and rtorrent know no v2, aria2 and
rtorrent no uTP.
`;

export function interopPage(outcomes: readonly Outcome[]): string {
  const rows = new Map<string, { title: string; leech: string; seed: string }>();
  for (const { cell, passed } of outcomes) {
    const title = `${cell.peer.title} | ${cell.format}, ${cell.source} | ${connectionWords(cell.connection)}`;
    const row = rows.get(title) ?? { title, leech: "–", seed: "–" };
    row[cell.role] = passed ? "yes" : "**no**";
    rows.set(title, row);
  }
  const lines = [...rows.values()].map((row) => `| ${row.title} | ${row.leech} | ${row.seed} |`);
  return `${HEAD}${lines.join("\n")}\n${TAIL}`;
}

function connectionWords(connection: Connection): string {
  if (connection === "MSE") return "TCP, encryption required (MSE)";
  return connection === "MSE over uTP" ? "uTP, encryption required (MSE)" : connection;
}
