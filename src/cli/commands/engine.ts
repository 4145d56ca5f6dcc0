// `swarmgate engine get|seed`: the bare engine, for interoperability tests and benchmarks. No grants, no quarantine.

import type { Command } from "commander";
import { getTorrent } from "../engine/get.ts";
import { addEngineOptions } from "../engine/options.ts";
import { seedTorrent } from "../engine/seed.ts";

export function command(engine: Command): void {
  addEngineOptions(
    engine
      .command("get")
      .description("Download a torrent or magnet link. Interrupted, the same command goes on where it stopped.")
      .argument("<torrent>", "a torrent file or a magnet link")
      .requiredOption("--out <dir>", "the folder to write to"),
  )
    .option("--files <places>", "only these files, by their places in `torrent show`: 0,2,5-7")
    .option("--sequential", "fetch from the first piece to the last, to look at the content while it comes")
    .option("--seed-after", "go on serving when everything is here")
    .action(getTorrent);
  addEngineOptions(
    engine
      .command("seed")
      .description("Check the files of a torrent and serve them until Ctrl-C.")
      .argument("<torrent>", "a torrent file")
      .requiredOption("--data <dir>", "the folder that holds the torrent's file or folder"),
  ).action(seedTorrent);
}
