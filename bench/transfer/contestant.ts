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

export const SWARMGATE = swarmgate("swarmgate");

/** Our engine with more options than those that say what and where. */
export function swarmgate(name: string, ...options: readonly string[]): Contestant {
  const program = join(repositoryRoot, "bin/swarmgate");
  const at = `${SEEDER_ADDRESS}:${PORT}`;
  return {
    name,
    seeder: ({ torrent, dataDir }) => ({
      program,
      args: ["engine", "seed", torrent, "--data", dataDir, "--listen", at, "--json", ...options],
      said: /"event":"listening"/,
    }),
    leecher: ({ torrent, outDir }) => ({
      program,
      args: ["engine", "get", torrent, "--out", outDir, "--peer", at, "--json", "--seed-after", ...options],
      said: /"event":"done".*?"seconds":([\d.]+)/,
    }),
  };
}

type Preset = "default" | "high-performance" | "utp" | "rc4";
const PRESET_NAMES: Readonly<Record<Preset, string>> = {
  default: "libtorrent",
  "high-performance": "libtorrent, high_performance_seed",
  utp: "libtorrent, uTP",
  rc4: "libtorrent, MSE",
};

export function libtorrent(preset: Preset): Contestant {
  const python = "/usr/bin/python3";
  const script = here("./libtorrent-transfer.py");
  return {
    name: PRESET_NAMES[preset],
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

/** What Node can do at all: no protocol, the same hashing and writing; with a certificate and its key, over TLS. */
export function bareLoop(
  hash: "sha1" | "sha256",
  tls?: { readonly certificate: string; readonly key: string },
): Contestant {
  return {
    name: tls ? "bare Node loop over TLS with a worker" : "bare Node loop with a worker",
    seeder: bareSeeder("./bare-seeder.ts", tls ? [tls.certificate, tls.key] : []),
    leecher: bareLeecher(hash, tls ? "tls" : "plain"),
  };
}

/** The same by datagrams as large as uTP's. */
export const BARE_DATAGRAMS: Contestant = {
  name: "bare Node loop by datagrams with a worker",
  seeder: bareSeeder("./bare-datagram-seeder.ts", []),
  leecher: bareLeecher("sha1", "datagrams"),
};

function bareSeeder(script: string, more: readonly string[]): Contestant["seeder"] {
  return ({ dataDir, contentName }) => ({
    program: process.execPath,
    args: [here(script), join(dataDir, contentName), SEEDER_ADDRESS, String(PORT), ...more],
    said: /ready/,
  });
}

function bareLeecher(hash: "sha1" | "sha256", channel: "plain" | "tls" | "datagrams"): Contestant["leecher"] {
  return ({ outDir, contentName, totalBytes, pieceBytes }) => ({
    program: process.execPath,
    args: [here("./bare-leecher.ts"), join(outDir, contentName), SEEDER_ADDRESS, String(PORT)].concat([
      String(totalBytes),
      String(pieceBytes),
      hash,
      channel,
    ]),
    said: /done ([\d.]+)/,
  });
}
