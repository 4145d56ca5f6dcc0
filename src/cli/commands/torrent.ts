// `swarmgate torrent create|show|verify`: torrent files without a network.

import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { createTorrent } from "../torrent/create.ts";
import { showTorrent } from "../torrent/show.ts";
import { verifyTorrent } from "../torrent/verify.ts";

export function command(torrent: Command): void {
  const threads = availableParallelism();
  torrent
    .command("create")
    .description("Make a torrent of a file or folder. The same content gives the same torrent.")
    .argument("<path>", "the file or folder")
    .option("-o, --output <file>", "where to write the torrent (default: NAME.torrent)")
    .option("--format <format>", "v1, v2 or hybrid", "hybrid")
    .option("--piece-length <bytes>", "a power of two, such as 256K (default: by size)")
    .option("--tracker <url>", "announce URL; repeat for more", repeated, [])
    .option("--web-seed <url>", "HTTP source of the same files; repeat for more", repeated, [])
    .option("--private", "no DHT, no peer exchange, no local discovery")
    .option("--ssl-cert <pem>", "root certificate of the closed swarm, a PEM file")
    .option("--comment <text>", "words that go into the torrent")
    .action((path: string, options: Parameters<typeof createTorrent>[1]) => createTorrent(path, options, threads));
  torrent
    .command("show")
    .description("Show what is in a torrent file or magnet link.")
    .argument("<torrent>", "a torrent file or a magnet link")
    .action(showTorrent);
  torrent
    .command("verify")
    .description("Check files on disk against a torrent, piece by piece.")
    .argument("<torrent>", "a torrent file")
    .argument("<dir>", "the folder that holds the torrent's file or folder")
    .action((file: string, dir: string, options: Parameters<typeof verifyTorrent>[2]) =>
      verifyTorrent(file, dir, options, threads),
    );
}

function repeated(value: string, before: string[]): string[] {
  return [...before, value];
}
