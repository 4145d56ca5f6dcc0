// Tells whoever listens to a torrent what happened.

import type { TorrentEvent } from "../contract.ts";

type Listener = (event: TorrentEvent) => void;

export class EventFeed {
  #listeners: readonly Listener[] = [];

  /** Until the returned function is called. */
  on(listener: Listener): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== listener);
    };
  }

  emit(event: TorrentEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
