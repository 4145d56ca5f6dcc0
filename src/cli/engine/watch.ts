// Who is told of a running transfer, and how: programs by events, a terminal by a view that is drawn again, a log by lines.

import type { Torrent } from "../../engine/contract.ts";
import type { OutputOptions } from "../output.ts";
import { EventStream } from "./events.ts";
import { LiveView } from "./live-view.ts";
import { PlainLog } from "./plain-log.ts";

const LOOK_EVERY_MS = 500;

interface Watcher {
  look(): void;
  end(): void;
}

/** Tells until the returned function is called. */
export function watch(torrent: Torrent, options: OutputOptions): () => void {
  const watchers = watchersOf(torrent, options);
  const look = (): void => {
    for (const watcher of watchers) watcher.look();
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => {
    clearInterval(timer);
    for (const watcher of watchers) watcher.end();
  };
}

function watchersOf(torrent: Torrent, options: OutputOptions): Watcher[] {
  const watchers: Watcher[] = options.json ? [new EventStream(torrent)] : [];
  if (options.quiet) return watchers;
  if (isTerminal()) {
    // Where events go to the same terminal, they are what is watched.
    if (!options.json || !process.stdout.isTTY) watchers.push(new LiveView(torrent, process.stderr));
  } else if (!options.json) {
    watchers.push(new PlainLog(torrent));
  }
  return watchers;
}

function isTerminal(): boolean {
  return process.stderr.isTTY && process.env["TERM"] !== "dumb";
}
