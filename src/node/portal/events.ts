// The portal's stream of events, kept open for as long as the node runs: reconnects with growing pauses and asks for
// what it missed.

import { Value } from "typebox/value";
import { PushEvent } from "../../wire/api/v1/event.ts";
import type { Clock, Timer } from "../../world/clock.ts";
import type { Random } from "../../world/random.ts";
import type { PortalClient } from "./client.ts";

const PAUSE_MS_MIN = 500;
const PAUSE_MS_MAX = 30_000;
/** The portal sends a comment at least this often; more silence means a dead connection. */
const SILENCE_MS_MAX = 60_000;
const EVENT_CHARACTERS_MAX = 16 * 1024 * 1024;

export type EventStreamHandlers = {
  /** The stream is open: whatever was missed beyond the backlog has to be fetched. */
  readonly onOpen: () => void;
  readonly onEvent: (event: PushEvent) => void;
  readonly onLost: (why: string) => void;
  readonly lastEventId: () => string | undefined;
  readonly keepEventId: (id: string) => void;
};

export class EventStream {
  readonly #client: PortalClient;
  readonly #handlers: EventStreamHandlers;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #abort = new AbortController();
  #pauseMs = PAUSE_MS_MIN;
  #timer: Timer | undefined;

  constructor(client: PortalClient, handlers: EventStreamHandlers, world: { clock: Clock; random: Random }) {
    this.#client = client;
    this.#handlers = handlers;
    this.#clock = world.clock;
    this.#random = world.random;
  }

  start(): void {
    void this.#connect();
  }

  close(): void {
    this.#abort.abort();
    this.#timer?.cancel();
  }

  async #connect(): Promise<void> {
    const last = this.#handlers.lastEventId();
    const headers = { accept: "text/event-stream", ...(last === undefined ? {} : { "last-event-id": last }) };
    const call = { method: "GET", path: "/api/v1/events", headers } as const;
    const opened = await this.#client.open(call, 0, this.#abort.signal);
    if (!opened.ok) return this.#again(String(opened.error.data["detail"]));
    const response = opened.value;
    if (response.statusCode !== 200) {
      response.destroy();
      return this.#again(`the portal refuses this device (${response.statusCode})`);
    }
    this.#pauseMs = PAUSE_MS_MIN;
    this.#handlers.onOpen();
    this.#watch(() => response.destroy());
    const parser = new EventParser((id, data) => this.#deliver(id, data));
    response.setEncoding("utf8");
    response.on("data", (text: string) => {
      this.#watch(() => response.destroy());
      if (!parser.push(text)) response.destroy();
    });
    response.on("error", () => undefined);
    response.on("close", () => this.#again("the connection was lost"));
  }

  #watch(whenSilent: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(SILENCE_MS_MAX, whenSilent);
  }

  #deliver(id: string | undefined, data: string): void {
    const value = parsed(data);
    // An event of a later version: the refetch on the next connection covers what it said.
    if (Value.Check(PushEvent, value)) this.#handlers.onEvent(value);
    if (id !== undefined) this.#handlers.keepEventId(id);
  }

  #again(why: string): void {
    this.#timer?.cancel();
    if (this.#abort.signal.aborted) return;
    this.#handlers.onLost(why);
    // Half of the pause is chance, so that a thousand nodes do not return in the same second.
    const pauseMs = this.#pauseMs / 2 + this.#random.below(Math.ceil(this.#pauseMs / 2));
    this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MS_MAX);
    this.#timer = this.#clock.after(pauseMs, () => void this.#connect());
  }
}

/** Lines of `text/event-stream` (WHATWG HTML, 9.2.6) into data blocks. */
class EventParser {
  readonly #emit: (id: string | undefined, data: string) => void;
  #rest = "";
  #data: string[] = [];
  #id: string | undefined;

  constructor(emit: (id: string | undefined, data: string) => void) {
    this.#emit = emit;
  }

  /** False when one event is longer than any that a portal sends. */
  push(text: string): boolean {
    this.#rest += text;
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/u);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
    return this.#rest.length + this.#data.reduce((sum, part) => sum + part.length, 0) <= EVENT_CHARACTERS_MAX;
  }

  #line(line: string): void {
    if (line === "") {
      if (this.#data.length > 0) this.#emit(this.#id, this.#data.join("\n"));
      this.#data = [];
      this.#id = undefined;
      return;
    }
    const [, field, value] = /^([^:]+)(?:: ?(.*))?$/u.exec(line) ?? [];
    if (field === "data") this.#data.push(value ?? "");
    if (field === "id") this.#id = value ?? "";
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
