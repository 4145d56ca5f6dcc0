// The engine's torrents by the hashes under which peers ask for them. A hybrid is one torrent under two names.

import { toHex } from "../base/bytes.ts";
import type { TorrentTask } from "./torrent/torrent-task.ts";

export class TorrentIndex {
  readonly #tasks = new Set<TorrentTask>();
  readonly #byName = new Map<string, TorrentTask>();

  get tasks(): ReadonlySet<TorrentTask> {
    return this.#tasks;
  }

  /** The torrent that has one of this one's names already. */
  twinOf(task: TorrentTask): TorrentTask | undefined {
    return namesOf(task)
      .map((name) => this.#byName.get(name))
      .find((twin) => twin !== undefined);
  }

  /** Called again when a magnet's metadata tells a second name. */
  add(task: TorrentTask): void {
    this.#tasks.add(task);
    for (const name of namesOf(task)) this.#byName.set(name, task);
  }

  remove(task: TorrentTask): void {
    this.#tasks.delete(task);
    for (const name of namesOf(task)) if (this.#byName.get(name) === task) this.#byName.delete(name);
  }

  /** `infoHash`: the 20 bytes of a handshake. */
  find(infoHash: Uint8Array): TorrentTask | undefined {
    return this.#byName.get(toHex(infoHash));
  }
}

function namesOf({ names }: TorrentTask): string[] {
  return [names.v1, names.v2].filter((name) => name !== undefined).map(toHex);
}
