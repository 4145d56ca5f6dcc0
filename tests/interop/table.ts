// docs/interop.md: the matrix as it ran, without times, so that the page changes only when a result does.

import type { Cell, Connection } from "./cell.ts";

export type Outcome = { readonly cell: Cell; readonly passed: boolean };

const HEAD = `# Interoperability

Our engine against real clients of Debian 12, each in its own network namespace. Every mark is a transfer that ran and whose
bytes were compared; \`tests/interop\` writes this page. "fetched" is our engine downloading from the client, "served" is the
client downloading from our engine, four files of odd sizes, one of them empty. rtorrent takes the v1 half of a hybrid
torrent, padding and all.

| client | torrent | connection | fetched | served |
|---|---|---|---|---|
`;

const TAIL = `
What a client cannot do has no row; \`tests/interop/cannot.test.ts\` holds each of these against the client itself:

- **aria2 and hybrid torrents.** aria2 1.36 drops keys of length zero when it writes the info dictionary anew to hash it, and
  every file of a v2 file tree lies under such a key. So it gives a hybrid torrent an info-hash that nobody else knows, in
  either direction, and hangs up on the right one. Nothing on our side can mend that.
- **Transmission and hybrid torrents.** Transmission 3.00 refuses the file as "invalid or corrupt".
- **Closed swarms by magnet.** The root certificate stands in the metadata, which a member gives only to whoever has shown a
  certificate: libtorrent does not get in by magnet, at libtorrent's seed either.
- **qBittorrent and closed swarms.** \`Session\\SSL\\Enabled\` and its Web API for certificates came with version 5.0
  (pull request 20338); 4.5.2 knows neither.

aria2 and rtorrent have no uTP, and Transmission, aria2 and rtorrent no v2 and no TLS between peers. Transmission makes no
empty files, so that one is not compared there. tests/interop/ssl-torrents.test.ts holds closed swarms against libtorrent's
own table of nine configurations in both roles, and its six handshake attacks.
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
  if (connection === "TLS") return "TCP, closed swarm (TLS)";
  return connection === "MSE over uTP" ? "uTP, encryption required (MSE)" : connection;
}
