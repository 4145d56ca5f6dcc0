// The sources of peers that work for one torrent.

import type { DiscoverySource, DiscoveryStatus, RunningDiscovery, SwarmView } from "../discovery/source.ts";

export class DiscoverySet {
  readonly #sources: readonly DiscoverySource[];
  #running: readonly RunningDiscovery[] = [];
  #started = false;

  constructor(sources: readonly DiscoverySource[]) {
    this.#sources = sources;
  }

  /** Does nothing the second time: a pause keeps what is running. */
  start(view: SwarmView): void {
    if (this.#started) return;
    this.#started = true;
    this.#running = this.#sources.map((source) => source.start(view));
  }

  finished(): void {
    for (const one of this.#running) one.finished();
  }

  status(): DiscoveryStatus[] {
    return this.#running.flatMap((one) => one.status());
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = [];
    this.#started = false;
    await Promise.all(running.map((one) => one.stop()));
  }
}
