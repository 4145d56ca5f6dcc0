// Who takes part in the transfer benchmark: how each is started as a seeder and as a leecher, and how it says that it is
// ready and done.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../../scripts/repository.ts";
import { SEEDER_ADDRESS } from "./link.ts";

export type Job = {
  readonly torrent: string;
  /** Holds the content, for the seeder. */
  readonly dataDir: string;
  /** Empty, for the leecher. */
  readonly outDir: string;
  readonly contentName: string;
  readonly totalBytes: number;
  readonly pieceBytes: number;
};

export type Command = {
  readonly program: string;
  readonly args: readonly string[];
  /** Printed when it serves, or when everything is verified and written; group 1: the seconds that it took. */
  readonly said: RegExp;
};

export type Contestant = {
  readonly name: string;
  seeder(job: Job): Command;
  leecher(job: Job): Command;
};

const PORT = 6900;
const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

export const SWARMGATE: Contestant = {
  name: "swarmgate",
  seeder: ({ torrent, dataDir }) => ({
    program: join(repositoryRoot, "bin/swarmgate"),
    args: ["engine", "seed", torrent, "--data", dataDir, "--listen", `${SEEDER_ADDRESS}:${PORT}`, "--json"],
    said: /"event":"listening"/,
  }),
  leecher: ({ torrent, outDir }) => ({
    program: join(repositoryRoot, "bin/swarmgate"),
    args: ["engine", "get", torrent, "--out", outDir, "--peer", `${SEEDER_ADDRESS}:${PORT}`, "--json", "--seed-after"],
    said: /"event":"done".*?"seconds":([\d.]+)/,
  }),
};

function libtorrent(preset: "default" | "high-performance"): Contestant {
  const python = "/usr/bin/python3";
  const script = here("./libtorrent-transfer.py");
  return {
    name: preset === "default" ? "libtorrent" : "libtorrent, high_performance_seed",
    seeder: ({ torrent, dataDir }) => ({
      program: python,
      args: [script, "seed", torrent, dataDir, `${SEEDER_ADDRESS}:${PORT}`, preset],
      said: /ready/,
    }),
    leecher: ({ torrent, outDir }) => ({
      program: python,
      args: [script, "get", torrent, outDir, `${SEEDER_ADDRESS}:${PORT}`, preset],
      said: /done ([\d.]+)/,
    }),
  };
}

export const LIBTORRENT = libtorrent("default");
export const LIBTORRENT_FAST = libtorrent("high-performance");

/** What Node can do at all: no protocol, the same hashing and writing. */
export function bareLoop(hash: "sha1" | "sha256"): Contestant {
  return {
    name: "bare Node loop with a worker",
    seeder: ({ dataDir, contentName }) => ({
      program: process.execPath,
      args: [here("./bare-seeder.ts"), join(dataDir, contentName), SEEDER_ADDRESS, String(PORT)],
      said: /ready/,
    }),
    leecher: ({ outDir, contentName, totalBytes, pieceBytes }) => ({
      program: process.execPath,
      args: [here("./bare-leecher.ts"), join(outDir, contentName), SEEDER_ADDRESS, String(PORT)].concat([
        String(totalBytes),
        String(pieceBytes),
        hash,
      ]),
      said: /done ([\d.]+)/,
    }),
  };
}
