// Who takes part in the benchmark of whole swarms: how each is started on a host, and how it says that it is ready and done.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../../scripts/repository.ts";

const PORT = 6881;
const PYTHON = "/usr/bin/python3";
const LIBTORRENT_SCRIPT = fileURLToPath(new URL("./libtorrent-swarm.py", import.meta.url));

export type Member = {
  readonly role: "seed" | "get";
  readonly torrent: string;
  /** Holds the content, or is empty. */
  readonly folder: string;
  readonly address: string;
  /** Everybody else. */
  readonly others: readonly string[];
};

export type Command = { readonly program: string; readonly args: readonly string[] };

export type Contestant = {
  readonly name: string;
  readonly torrent: string;
  command(member: Member): Command;
  /** Printed when the member accepts peers; a seeder holds everything then. */
  readonly ready: RegExp;
  /** Printed when everything is verified and written. */
  readonly done: RegExp;
};

export function swarmgate(name: string, torrent: string, ...options: readonly string[]): Contestant {
  return {
    name,
    torrent,
    command: ({ role, folder, address, others }) => ({
      program: join(repositoryRoot, "bin/swarmgate"),
      args: [
        "engine",
        role,
        torrent,
        role === "seed" ? "--data" : "--out",
        folder,
        "--listen",
        `${address}:${PORT}`,
        "--json",
        "--no-dht",
        "--no-lsd",
        "--no-pex",
        "--no-trackers",
        ...(role === "get" ? ["--seed-after"] : []),
        ...others.flatMap((other) => ["--peer", `${other}:${PORT}`]),
        ...options,
      ],
    }),
    ready: /"event":"listening"/,
    done: /"event":"done"/,
  };
}

export function libtorrent(torrent: string): Contestant {
  return {
    name: "libtorrent",
    torrent,
    command: ({ role, folder, address, others }) => ({
      program: PYTHON,
      args: [LIBTORRENT_SCRIPT, role, torrent, folder, `${address}:${PORT}`, ...others.map((one) => `${one}:${PORT}`)],
    }),
    ready: /ready/,
    done: /done/,
  };
}
