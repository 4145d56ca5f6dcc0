// The matrix of interoperability: each cell is run, its bytes are compared, and the table is kept in docs/interop.md.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { repositoryRoot } from "../../scripts/repository.ts";
import { Aria2 } from "../lab/clients/aria2.ts";
import { Libtorrent } from "../lab/clients/libtorrent.ts";
import { Qbittorrent } from "../lab/clients/qbittorrent.ts";
import { Rtorrent } from "../lab/clients/rtorrent.ts";
import { Transmission } from "../lab/clients/transmission.ts";
import { missing } from "../lab/requirements.ts";
import { type Cell, cellsOf, type Peer, titleOf } from "./cell.ts";
import { runCell } from "./cell-run.ts";
import { interopPage } from "./table.ts";

const PEERS: readonly Peer[] = [
  {
    title: "libtorrent 2.0.8",
    program: "python3-libtorrent",
    start: Libtorrent.start,
    formats: ["v1", "v2", "hybrid"],
    connections: ["TCP", "MSE", "uTP", "MSE over uTP"],
  },
  {
    title: "qBittorrent 4.5.2",
    program: "qbittorrent-nox",
    start: Qbittorrent.start,
    formats: ["v1", "v2", "hybrid"],
    connections: ["TCP", "MSE", "uTP"],
  },
  {
    title: "Transmission 3.00",
    program: "transmission-daemon",
    start: Transmission.start,
    formats: ["v1"],
    connections: ["TCP", "MSE", "uTP"],
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
    formats: ["v1"],
    downloadsHybrid: true,
    connections: ["TCP", "MSE"],
  },
];

const CELLS = PEERS.flatMap(cellsOf);
const PAGE = join(repositoryRoot, "docs", "interop.md");
const results = new Map<Cell, boolean>();

// Most of a cell is waiting for the other client's clocks; three at a time keep two cores busy.
describe("our engine and real clients", { concurrency: 3 }, () => {
  for (const cell of CELLS) {
    const skip = missing("ip", "opentracker", "python3-libtorrent", cell.peer.program);
    test(titleOf(cell), { skip }, async () => {
      results.set(cell, false);
      await runCell(cell);
      results.set(cell, true);
    });
  }
});

after(() => {
  if (results.size < CELLS.length) return;
  const page = interopPage(CELLS.map((cell) => ({ cell, passed: results.get(cell) ?? false })));
  process.stdout.write(page);
  if (!existsSync(PAGE) || readFileSync(PAGE, "utf8") !== page) writeFileSync(PAGE, page);
});
