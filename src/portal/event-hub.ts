// Pushes events to those who may see them, and keeps a bounded backlog for those who come back.

import type { Ability } from "../domain/person.ts";
import type { PushEvent } from "../wire/api/v1/event.ts";

/** Who an event is for: any of these. */
export type Audience = {
  readonly people?: readonly string[];
  readonly ability?: Ability;
  readonly devices?: readonly string[] | "all";
};

export type Subscriber = {
  /** Who listens; a device listens for itself only, not for its owner. */
  readonly as:
    | {
        readonly kind: "person";
        readonly personId: string;
        readonly abilities: ReadonlySet<Ability>;
        readonly session: string;
      }
    | { readonly kind: "device"; readonly deviceId: string; readonly personId: string };
  readonly endsAtMs: number;
  /** False: the other side does not read; the hub lets go of it. */
  send(id: number, event: PushEvent): boolean;
  close(): void;
};

type Kept = { readonly id: number; readonly to: Audience; readonly event: PushEvent };

const SUBSCRIBERS_MAX = 20_000;
const SUBSCRIBERS_PER_PERSON_MAX = 20;
const BACKLOG_MAX = 5_000;

export class EventHub {
  readonly #subscribers = new Set<Subscriber>();
  /** The same by device and by person: a push must not look at everybody. */
  readonly #byDevice = new Map<string, Set<Subscriber>>();
  readonly #byPerson = new Map<string, Set<Subscriber>>();
  readonly #backlog: Kept[] = [];
  #lastId: number;

  /** Ids go on rising over a restart because they start from the time; older ones are then known to be gone. */
  constructor(startedAtMs: number) {
    this.#lastId = startedAtMs * 1_000;
  }

  get lastId(): number {
    return this.#lastId;
  }

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  hasRoom(personId: string): boolean {
    const own = this.#byPerson.get(personId)?.size ?? 0;
    return this.#subscribers.size < SUBSCRIBERS_MAX && own < SUBSCRIBERS_PER_PERSON_MAX;
  }

  /** With `afterId`, what was missed is sent first, or `resync` when it is gone. Ask `hasRoom` before. */
  subscribe(subscriber: Subscriber, afterId: number | undefined): void {
    this.#subscribers.add(subscriber);
    for (const [index, key] of this.#indicesOf(subscriber)) {
      const listening = index.get(key) ?? new Set();
      index.set(key, listening.add(subscriber));
    }
    if (afterId === undefined || afterId === this.#lastId) return;
    const oldest = this.#backlog[0]?.id ?? this.#lastId + 1;
    if (afterId < oldest - 1 || afterId > this.#lastId) {
      this.#deliver(subscriber, this.#lastId, { type: "resync" });
      return;
    }
    for (const kept of this.#backlog) {
      if (kept.id > afterId && concerns(kept.to, subscriber)) this.#deliver(subscriber, kept.id, kept.event);
    }
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    for (const [index, key] of this.#indicesOf(subscriber)) {
      const listening = index.get(key);
      listening?.delete(subscriber);
      if (listening?.size === 0) index.delete(key);
    }
  }

  push(to: Audience, event: PushEvent): void {
    const id = ++this.#lastId;
    // The newest list is sent to everybody who connects; older ones are of no use to anybody.
    if (event.type !== "revocations") {
      this.#backlog.push({ id, to, event });
      if (this.#backlog.length > BACKLOG_MAX) this.#backlog.shift();
    }
    for (const subscriber of this.#candidates(to)) {
      if (concerns(to, subscriber)) this.#deliver(subscriber, id, event);
    }
  }

  isListening(deviceId: string): boolean {
    return this.#byDevice.has(deviceId);
  }

  /** Ends the streams of those whose right to listen ended. */
  closeWhere(ended: (subscriber: Subscriber) => boolean): void {
    for (const subscriber of this.#subscribers) {
      if (!ended(subscriber)) continue;
      this.unsubscribe(subscriber);
      subscriber.close();
    }
  }

  #candidates(to: Audience): Iterable<Subscriber> {
    if (to.ability !== undefined || to.devices === "all") return [...this.#subscribers];
    const devices = (to.devices ?? []).flatMap((id) => [...(this.#byDevice.get(id) ?? [])]);
    const people = (to.people ?? []).flatMap((id) => [...(this.#byPerson.get(id) ?? [])]);
    return new Set([...devices, ...people]);
  }

  #indicesOf({ as }: Subscriber): [Map<string, Set<Subscriber>>, string][] {
    const byPerson: [Map<string, Set<Subscriber>>, string] = [this.#byPerson, as.personId];
    return as.kind === "device" ? [byPerson, [this.#byDevice, as.deviceId]] : [byPerson];
  }

  #deliver(subscriber: Subscriber, id: number, event: PushEvent): void {
    if (subscriber.send(id, event)) return;
    this.unsubscribe(subscriber);
    subscriber.close();
  }
}

function concerns(to: Audience, { as }: Subscriber): boolean {
  if (as.kind === "device") return to.devices === "all" || (to.devices?.includes(as.deviceId) ?? false);
  if (to.people?.includes(as.personId)) return true;
  return to.ability !== undefined && as.abilities.has(to.ability);
}
