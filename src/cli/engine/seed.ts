// `swarmgate engine seed`: serves the files of a torrent with the bare engine until Ctrl-C.

import { FailureError, failure } from "../../base/failure.ts";
import { formatEndpoint } from "../../domain/address/endpoint.ts";
import { printNote } from "../output.ts";
import { readTorrentFile } from "../torrent-file.ts";
import { refuseOnEnrolledMachine } from "./enrolled.ts";
import { identity, printEvent } from "./events.ts";
import { type EngineFlags, readChoices } from "./options.ts";
import { startEngine } from "./runtime.ts";
import { watch } from "./watch.ts";

export type SeedFlags = EngineFlags & { readonly data: string };

export async function seedTorrent(file: string, flags: SeedFlags): Promise<void> {
  refuseOnEnrolledMachine();
  const choices = await readChoices(flags);
  const metainfo = await readTorrentFile(file);
  const source = { kind: "metainfo", metainfo } as const;
  const { engine, torrent: parts } = await startEngine(choices, source);
  const added = engine.add({
    source,
    storage: { rootDir: flags.data },
    peers: choices.peers,
    // Only what is there is served: nothing is fetched.
    wantedFiles: [],
    ...parts,
  });
  if (!added.ok) throw new FailureError(added.error);
  const torrent = added.value;
  printEvent({ event: "started", ...identity(metainfo), data: flags.data }, flags);
  const unwatch = watch(torrent, flags);
  const outcome = await new Promise<"interrupted" | ReturnType<typeof failure>>((resolve) => {
    torrent.on((event) => {
      if (event.type === "stopped") resolve(event.why);
      if (event.type !== "checked") return;
      if (event.piecesDone === 0 && event.piecesTotal > 0) {
        return resolve(failure("engine.data_missing", { name: metainfo.name, folder: flags.data }));
      }
      const places = engine.listening();
      for (const { host, port } of places) {
        printEvent({ event: "listening", host, port, ...identity(metainfo) }, flags);
      }
      const where = places.length === 0 ? "to peers that we dial" : `at ${places.map(formatEndpoint).join(" and ")}`;
      printNote(`Serving ${event.piecesDone} of ${event.piecesTotal} pieces ${where} until Ctrl-C.`, flags);
    });
    process.once("SIGINT", () => resolve("interrupted"));
    process.once("SIGTERM", () => resolve("interrupted"));
  });
  unwatch();
  const { bytesUp } = torrent.status();
  await engine.close();
  if (outcome !== "interrupted") throw new FailureError(outcome);
  const { user, system } = process.cpuUsage();
  printEvent(
    {
      event: "stopped",
      bytesUp,
      cpuSeconds: Number(((user + system) / 1e6).toFixed(3)),
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
    },
    flags,
  );
}
