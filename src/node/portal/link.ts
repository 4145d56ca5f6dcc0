// The node's connection to its portal: grants and revocations come in, commands come in, and every grant to download
// becomes a transfer by itself.

import { Value } from "typebox/value";
import { assert } from "../../base/assert.ts";
import type { Failure } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import type { PushEvent } from "../../wire/api/v1/event.ts";
import { DeviceGrants, GrantDetail } from "../../wire/api/v1/grant.ts";
import { MagnetFile } from "../../wire/api/v1/torrent.ts";
import type { Timer } from "../../world/clock.ts";
import type { Random } from "../../world/random.ts";
import type { NodeCore } from "../core.ts";
import type { Facts } from "../store/facts.ts";
import type { HeldGrant } from "../store/grants.ts";
import { hashesOf, infoHashOf, nameOf, sourceOf } from "../transfer/content.ts";
import type { Transfers } from "../transfer/transfers.ts";
import type { PortalClient } from "./client.ts";
import { EventStream } from "./events.ts";
import { Reporter } from "./reporter.ts";

/** The list of revocations is asked for at least this often, so that it never grows old while the portal answers. */
const REFRESH_EVERY_MS = 15_000;

export type LinkParts = {
  readonly core: NodeCore;
  readonly client: PortalClient;
  readonly facts: Facts;
  readonly transfers: Transfers;
  readonly random: Random;
  /** What the portal sent and this node refused: never silent. */
  readonly onRefused: (failed: Failure) => void;
};

export type LinkState = { readonly connected: boolean; readonly sinceMs: number; readonly why: string | undefined };

export class PortalLink {
  readonly #parts: LinkParts;
  readonly #events: EventStream;
  readonly #reporter: Reporter;
  readonly #timer: Timer;
  #state: LinkState;
  #work: Promise<void> = Promise.resolve();

  constructor(parts: LinkParts) {
    this.#parts = parts;
    const { core, facts } = parts;
    this.#state = { connected: false, sinceMs: core.clock.wallMs(), why: "connecting" };
    const handlers = {
      onOpen: () => this.#opened(),
      onEvent: (event: PushEvent) => this.#heard(event),
      onLost: (why: string) => this.#set(false, why),
      lastEventId: () => facts.lastEventId(),
      keepEventId: (id: string) => facts.keepLastEventId(id),
    };
    this.#events = new EventStream(parts.client, handlers, { clock: core.clock, random: parts.random });
    this.#reporter = new Reporter({
      client: parts.client,
      clock: core.clock,
      store: core.transfers,
      views: () => parts.transfers.views(),
      connected: () => this.#state.connected,
    });
    this.#timer = core.clock.every(REFRESH_EVERY_MS, () => this.#enqueue(() => this.#refresh()));
    this.#events.start();
  }

  state(): LinkState {
    return this.#state;
  }

  /** Fetches grants and revocations now; resolves when they are in force. */
  sync(): Promise<void> {
    this.#enqueue(() => this.#refresh());
    return this.#work;
  }

  /** Gives a grant back: the transfer it was for is gone. */
  async giveBack(grantId: string, reason: string): Promise<Result<undefined, Failure>> {
    const call = { method: "POST", path: `/api/v1/grants/${grantId}/return`, json: { reason } } as const;
    const returned = await this.#parts.client.call(call, GrantDetail);
    return returned.ok ? ok() : returned;
  }

  async close(): Promise<void> {
    this.#timer.cancel();
    this.#events.close();
    await this.#reporter.close();
    await this.#work;
  }

  #opened(): void {
    this.#set(true, undefined);
    this.#reporter.forget();
    this.#enqueue(() => this.#refresh());
  }

  #heard(event: PushEvent): void {
    switch (event.type) {
      case "grant":
        return this.#enqueue(() => this.#granted(event));
      case "revocations":
        return this.#enqueue(() => this.#revoked(event.jws));
      case "command":
        return this.#enqueue(() => this.#command(event));
      case "verdict":
        return this.#parts.transfers.heard(event);
      case "resync":
        return this.#enqueue(() => this.#refresh());
      case "request":
      case "transfer":
      case "quarantine":
      case "blocks":
        return;
    }
  }

  async #refresh(): Promise<void> {
    const call = { method: "GET", path: "/api/v1/device/grants" } as const;
    const reply = await this.#parts.client.call(call, DeviceGrants);
    if (!reply.ok) return;
    await this.#revoked(reply.value.revocations);
    for (const { grantId, jws, torrentId, requestId } of reply.value.grants) {
      await this.#take({ grantId, jws, requestId, torrentId: torrentId ?? undefined });
    }
  }

  async #revoked(jws: string): Promise<void> {
    const accepted = await this.#parts.core.keeper.acceptRevocations(jws);
    if (!accepted.ok) this.#parts.onRefused(accepted.error);
    this.#parts.transfers.look();
  }

  async #granted(event: Extract<PushEvent, { type: "grant" }>): Promise<void> {
    if (event.jws === null || event.state !== "active") return this.#refresh();
    const { grantId, jws, requestId, torrentId } = event;
    await this.#take({ grantId, jws, requestId, torrentId: torrentId ?? undefined });
  }

  async #take(grant: HeldGrant): Promise<void> {
    const { core, transfers, onRefused } = this.#parts;
    const accepted = await core.keeper.accept(grant);
    if (!accepted.ok) return onRefused(accepted.error);
    const claims = accepted.value;
    if (claims.dir !== "download" || claims.app !== "bittorrent" || !core.keeper.find(grant.grantId)) return;
    if (transfers.has(grant.grantId) || grant.torrentId === undefined) return transfers.look();
    const content = await this.#content(grant.torrentId);
    const source = content === undefined ? undefined : sourceOf(content);
    if (content === undefined || !source) return;
    if (!source.ok) return onRefused(source.error);
    const record = {
      id: grant.grantId,
      requestId: grant.requestId,
      name: nameOf(source.value),
      infoHash: infoHashOf(hashesOf(source.value)),
      ...content,
      outDir: core.grants.asked(grant.requestId)?.outDir,
      libraryPath: undefined,
      phase: { at: "waiting", why: "The grant has just arrived." },
      bytesDone: 0,
      bytesTotal: source.value.kind === "metainfo" ? source.value.metainfo.totalBytes : undefined,
    } as const;
    transfers.begin(record);
  }

  async #content(
    torrentId: string,
  ): Promise<{ torrent: Uint8Array | undefined; magnet: string | undefined } | undefined> {
    const file = await this.#parts.client.bytes({ method: "GET", path: `/api/v1/torrents/${torrentId}/file` });
    if (!file.ok) return undefined;
    // A torrent file is a dictionary, "d…e"; the answer for a magnet is JSON.
    if (file.value[0] !== 0x7b) return { torrent: new Uint8Array(file.value), magnet: undefined };
    const value: unknown = JSON.parse(file.value.toString("utf8"));
    return Value.Check(MagnetFile, value) ? { torrent: undefined, magnet: value.magnet } : undefined;
  }

  async #command(event: Extract<PushEvent, { type: "command" }>): Promise<void> {
    const task = this.#parts.transfers.find(event.grantId);
    if (!task) return;
    if (event.command === "pause") task.pause();
    else if (event.command === "resume") task.resume();
    else {
      await this.#parts.transfers.remove(task);
      await this.giveBack(event.grantId, "The transfer was removed.");
    }
  }

  // One thing after the other: a revocation must not be overtaken by the grant that it ends.
  #enqueue(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch((thrown: unknown) => {
      assert(thrown instanceof Error, "only errors are thrown");
      this.#set(this.#state.connected, thrown.message);
    });
  }

  #set(connected: boolean, why: string | undefined): void {
    if (connected === this.#state.connected && why === this.#state.why) return;
    this.#state = { connected, sinceMs: this.#parts.core.clock.wallMs(), why };
  }
}
