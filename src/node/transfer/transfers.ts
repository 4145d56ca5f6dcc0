// All transfers of this node: one for each grant to download, begun by the grant's arrival, looked at each second.

import type { PushEvent } from "../../wire/api/v1/event.ts";
import type { LocalTransfer } from "../../wire/local/transfer.ts";
import type { Timer } from "../../world/clock.ts";
import type { NodeCore } from "../core.ts";
import type { TransferRecord } from "../store/transfers.ts";
import { TransferTask } from "./task.ts";
import { viewOf } from "./view.ts";

const LOOK_EVERY_MS = 1_000;

export class Transfers {
  readonly #core: NodeCore;
  readonly #tasks = new Map<string, TransferTask>();
  readonly #timer: Timer;

  constructor(core: NodeCore) {
    this.#core = core;
    for (const record of core.transfers.all()) this.#run(record.id);
    // Grants end by time as well as by message: no transfer goes on for more than this after its end.
    this.#timer = core.clock.every(LOOK_EVERY_MS, () => this.look());
  }

  /** Begins the transfer unless it is there. */
  begin(record: TransferRecord): void {
    if (!this.#core.transfers.find(record.id)) this.#core.transfers.add(record, this.#core.clock.wallMs());
    this.#run(record.id);
  }

  has(id: string): boolean {
    return this.#tasks.has(id);
  }

  find(id: string): TransferTask | undefined {
    return this.#tasks.get(id);
  }

  /** By grant, request, info-hash or an unambiguous beginning of one. */
  named(text: string): TransferTask | undefined {
    const exact = this.#tasks.get(text);
    if (exact) return exact;
    const wanted = text.toLowerCase();
    const found = [...this.#tasks.values()].filter((task) => {
      const record = task.record();
      return [record?.id, record?.requestId, record?.infoHash].some((name) => name?.toLowerCase().startsWith(wanted));
    });
    return found.length === 1 ? found[0] : undefined;
  }

  look(): void {
    for (const task of this.#tasks.values()) task.poke();
  }

  views(): LocalTransfer[] {
    return [...this.#tasks.values()].flatMap((task) => viewOf(this.#core, task) ?? []);
  }

  view(task: TransferTask): LocalTransfer | undefined {
    return viewOf(this.#core, task);
  }

  /** Stops it and deletes what is in quarantine; released files stay. The grant is not used again. */
  async remove(task: TransferTask): Promise<void> {
    this.#tasks.delete(task.id);
    await task.close();
    this.#core.keeper.drop(task.id);
    this.#core.quarantine.destroyTransfer(task.id);
    this.#core.transfers.remove(task.id);
  }

  /** A bad verdict on content that this node holds, from whoever found it first. */
  heard(event: Extract<PushEvent, { type: "verdict" }>): void {
    if (event.verdict !== "infected") return;
    for (const file of this.#core.transfers.filesWithContent(event.sha256)) {
      if (file.state === "infected" || file.state === "destroyed") continue;
      this.#tasks.get(file.transferId)?.recall(file, event.why);
    }
  }

  async close(): Promise<void> {
    this.#timer.cancel();
    await Promise.all([...this.#tasks.values()].map((task) => task.close()));
  }

  #run(id: string): void {
    if (this.#tasks.has(id)) return;
    const task = new TransferTask(this.#core, id);
    this.#tasks.set(id, task);
    task.poke();
  }
}
