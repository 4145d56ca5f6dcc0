// `swarmgate engine get`: downloads a torrent or magnet with the bare engine.

import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { FailureError, failure } from "../../base/failure.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import { type FileRange, filesIn, sayIgnored } from "../../domain/metainfo/magnet.ts";
import type { Torrent, TorrentOptions, TorrentSource } from "../../engine/contract.ts";
import { readFileRanges } from "../../wire/metainfo/file-ranges.ts";
import { isMagnet, parseMagnet } from "../../wire/metainfo/magnet.ts";
import { sayBytes } from "../byte-count.ts";
import { printNote } from "../output.ts";
import { readTorrentFile } from "../torrent-file.ts";
import { lockDownload } from "./download-lock.ts";
import { refuseOnEnrolledMachine } from "./enrolled.ts";
import { identity, printEvent } from "./events.ts";
import { type EngineChoices, type EngineFlags, readChoices } from "./options.ts";
import { endpointsOf, isLiteral } from "./peer-address.ts";
import { startEngine } from "./runtime.ts";
import { usage } from "./usage.ts";
import { watch } from "./watch.ts";

const STATE_FOLDER = ".swarmgate";

export type GetFlags = EngineFlags & {
  readonly out: string;
  readonly files?: string;
  readonly sequential?: boolean;
  readonly seedAfter?: boolean;
};

export async function getTorrent(what: string, flags: GetFlags): Promise<void> {
  refuseOnEnrolledMachine();
  const choices = await readChoices(flags);
  const source = chosenFrom(await readSource(what), flags.files);
  const wanted = wantedOf(source, flags.files);
  const startedAt = performance.now();
  const { engine, torrent: parts } = await startEngine(choices, source);
  const stateDir = join(flags.out, STATE_FOLDER);
  const lock = await lockDownload(source, flags.out, stateDir);
  if (!lock.ok) {
    await engine.close();
    throw new FailureError(lock.error);
  }
  const added = engine.add({
    source,
    storage: { rootDir: flags.out },
    peers: [...choices.peers, ...(await magnetPeers(source, choices))],
    ...wanted,
    order: flags.sequential === true ? "sequential" : "rarest",
    resumeDir: stateDir,
    seedAfter: flags.seedAfter ?? false,
    ...parts,
  });
  if (!added.ok) {
    lock.value[Symbol.dispose]();
    throw new FailureError(added.error);
  }
  const torrent = added.value;
  printEvent({ event: "started", ...named(source), out: flags.out }, flags);
  warn(source, flags);
  for (const { host, port } of engine.listening()) printEvent({ event: "listening", host, port }, flags);
  const unwatch = watch(torrent, flags);
  const outcome = await ended(torrent);
  unwatch();
  const seconds = (performance.now() - startedAt) / 1000;
  if (outcome.how === "finished") printDone(torrent, seconds, flags);
  if (outcome.how === "finished" && flags.seedAfter === true) {
    printNote("Seeding until Ctrl-C.", flags);
    await interrupted();
  }
  await engine.close();
  if (outcome.how === "finished") torrent.forgetProgress();
  lock.value[Symbol.dispose]();
  // Stays where there is something to go on from.
  await rmdir(stateDir).catch(() => undefined);
  if (outcome.how === "failed") throw new FailureError(outcome.why);
  if (outcome.how === "interrupted") {
    printNote("Interrupted. Run the same command again to go on where it stopped.", flags);
    process.exitCode = 1;
  }
}

async function readSource(what: string): Promise<TorrentSource> {
  if (!isMagnet(what)) return { kind: "metainfo", metainfo: await readTorrentFile(what) };
  const magnet = parseMagnet(what);
  if (!magnet.ok) throw new FailureError(magnet.error);
  return { kind: "magnet", magnet: magnet.value };
}

function warn(source: TorrentSource, flags: GetFlags): void {
  const ignored = source.kind === "magnet" ? source.magnet.ignored : [];
  for (const message of ignored.map(sayIgnored)) {
    printEvent({ event: "warning", message }, flags);
    if (!flags.json) printNote(message, flags);
  }
}

function named(source: TorrentSource): Readonly<Record<string, unknown>> {
  if (source.kind === "metainfo") return identity(source.metainfo);
  return identity({ ...source.magnet, name: source.magnet.displayName });
}

/** What a person chooses goes before what the magnet does. */
function chosenFrom(source: TorrentSource, files: string | undefined): TorrentSource {
  if (source.kind !== "magnet" || files === undefined) return source;
  return { kind: "magnet", magnet: { ...source.magnet, selectOnly: rangesOf(files) } };
}

function wantedOf(source: TorrentSource, files: string | undefined): Pick<TorrentOptions, "wantedFiles"> {
  if (source.kind === "magnet" || files === undefined) return {};
  const wantedFiles = filesIn(rangesOf(files), source.metainfo.files.length);
  return wantedFiles.length > 0 ? { wantedFiles } : usage(`--files: the torrent has no file ${files}`);
}

function rangesOf(files: string): readonly FileRange[] {
  return readFileRanges(files) ?? usage(`--files takes places such as 0,2,5-7, not ${files}`);
}

/** Behind a proxy no name is looked up past it. */
async function magnetPeers(source: TorrentSource, { reach }: EngineChoices): Promise<readonly Endpoint[]> {
  if (source.kind !== "magnet") return [];
  const places = source.magnet.peers.filter((place) => reach.proxy === undefined || isLiteral(place));
  return (await Promise.all(places.map(endpointsOf))).flat();
}

type Outcome =
  | { readonly how: "finished" }
  | { readonly how: "interrupted" }
  | { readonly how: "failed"; readonly why: ReturnType<typeof failure> };

/** A full disk waits for space; what cannot change by itself ends the command. */
function ended(torrent: Torrent): Promise<Outcome> {
  return new Promise((resolve) => {
    torrent.on((event) => {
      if (event.type === "finished") resolve({ how: "finished" });
      if (event.type !== "stopped") return;
      if (event.why.code !== "engine.disk_full" && event.why.code !== "engine.files_exhausted") {
        resolve({ how: "failed", why: event.why });
      }
    });
    void interrupted().then(() => resolve({ how: "interrupted" }));
  });
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}

function printDone(torrent: Torrent, seconds: number, flags: GetFlags): void {
  const status = torrent.status();
  const { user, system } = process.cpuUsage();
  const metainfo = torrent.metainfo();
  printEvent(
    {
      event: "done",
      bytes: status.bytesDone,
      seconds: Number(seconds.toFixed(3)),
      cpuSeconds: Number(((user + system) / 1e6).toFixed(3)),
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
      ...(metainfo === undefined ? {} : identity(metainfo)),
    },
    flags,
  );
  if (!flags.json) {
    const rate = sayBytes(Math.round(status.bytesDone / seconds));
    printNote(
      `Done: ${sayBytes(status.bytesDone)} in ${seconds.toFixed(1)} s (${rate}/s), every piece verified.`,
      flags,
    );
  }
}
