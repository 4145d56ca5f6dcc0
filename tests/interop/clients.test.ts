// The matrix of interoperability: each cell is run, its bytes are compared, and the table is kept in docs/interop.md.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { repositoryRoot } from "../../scripts/repository.ts";
import { Aria2 } from "../lab/clients/aria2.ts";
import { Libtorrent } from "../lab/clients/libtorrent.ts";
import { Qbittorrent } from "../lab/clients/qbittorrent.ts";
import { Rtorrent } from "../lab/clients/rtorrent.ts";
import { Transmission } from "../lab/clients/transmission.ts";
import { missing } from "../lab/requirements.ts";
import { Booth } from "./booth.ts";
import { type Cell, cellsOf, type Peer, titleOf } from "./cell.ts";
import { runCell } from "./cell-run.ts";
import { interopPage } from "./table.ts";

const PEERS: readonly Peer[] = [
  {
    title: "libtorrent 2.0.8",
    program: "python3-libtorrent",
    start: Libtorrent.start,
    formats: ["v1", "v2", "hybrid"],
    connections: ["TCP", "MSE", "uTP", "MSE over uTP", "TLS"],
  },
  {
    title: "qBittorrent 4.5.2",
    program: "qbittorrent-nox",
    start: Qbittorrent.start,
    formats: ["v1", "v2", "hybrid"],
    connections: ["TCP", "MSE", "uTP", "MSE over uTP"],
  },
  {
    title: "Transmission 3.00",
    program: "transmission-daemon",
    start: Transmission.start,
    formats: ["v1"],
    makesEmptyFiles: false,
    connections: ["TCP", "MSE", "uTP", "MSE over uTP"],
  },
  {
    title: "aria2 1.36",
    program: "aria2c",
    start: Aria2.start,
    formats: ["v1"],
    connections: ["TCP", "MSE"],
  },
  {
    title: "rtorrent 0.9.8",
    program: "rtorrent",
    start: Rtorrent.start,
    formats: ["v1", "hybrid"],
    padsAreFiles: true,
    connections: ["TCP", "MSE"],
  },
];

const BOOTHS = PEERS.flatMap((peer) =>
  peer.connections.map((connection) => ({ peer, connection, cells: cellsOf(peer, connection) })),
);
const CELLS = BOOTHS.flatMap(({ cells }) => cells);
const PAGE = join(repositoryRoot, "docs", "interop.md");
const results = new Map<Cell, boolean>();

// Most of a cell is waiting for the other client's clocks: several clients at a time, each with several torrents.
describe("our engine and real clients", { concurrency: 4 }, () => {
  for (const { peer, connection, cells } of BOOTHS) {
    const skip = missing("ip", "openssl", "python3-libtorrent", peer.program);
    describe(`${peer.title} over ${connection}`, { concurrency: 4, skip }, () => {
      let booth: Booth;
      before(async () => {
        booth = await Booth.open(peer, connection);
      });
      after(() => booth[Symbol.dispose]());
      for (const cell of cells) {
        test(titleOf(cell), async () => {
          results.set(cell, false);
          await runCell(booth, cell);
          results.set(cell, true);
        });
      }
    });
  }
});

after(() => {
  if (results.size < CELLS.length) return;
  const page = interopPage(CELLS.map((cell) => ({ cell, passed: results.get(cell) ?? false })));
  process.stdout.write(page);
  if (!existsSync(PAGE) || readFileSync(PAGE, "utf8") !== page) writeFileSync(PAGE, page);
});
