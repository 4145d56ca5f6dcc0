// Single values that must never be lost: the enrolment, the newest revocation list, the highest time ever seen.

import type { RootKey } from "../../wire/api/v1/device.ts";
import { type NodeDatabase, text } from "./database.ts";

export type Enrolment = {
  readonly deviceId: string;
  readonly personId: string;
  readonly personName: string;
  readonly institution: string;
  readonly portalUrl: string;
  /** Pinned when the device joined; no message can change it. */
  readonly rootKey: RootKey;
};

export class Facts {
  readonly #database: NodeDatabase;
  constructor(database: NodeDatabase) {
    this.#database = database;
  }

  enrolment(): Enrolment | undefined {
    const row = this.#database.row("SELECT * FROM enrolment");
    if (!row) return undefined;
    return {
      deviceId: text(row, "device_id"),
      personId: text(row, "person_id"),
      personName: text(row, "person_name"),
      institution: text(row, "institution"),
      portalUrl: text(row, "portal_url"),
      rootKey: JSON.parse(text(row, "root_key")) as RootKey,
    };
  }

  enrol(enrolment: Enrolment): void {
    this.#database.run(
      "INSERT INTO enrolment VALUES (1, ?, ?, ?, ?, ?, ?)",
      enrolment.deviceId,
      enrolment.personId,
      enrolment.personName,
      enrolment.institution,
      enrolment.portalUrl,
      JSON.stringify(enrolment.rootKey),
    );
  }

  /** The portal moved to another address (a port was free again): the pinned key still decides who it is. */
  movePortal(url: string): void {
    this.#database.run("UPDATE enrolment SET portal_url = ?", url);
  }

  revocationsJws(): string | undefined {
    return this.#get("revocations");
  }
  keepRevocationsJws(jws: string): void {
    this.#set("revocations", jws);
  }

  reachedMs(): number {
    return Number(this.#get("reached_ms") ?? 0);
  }
  keepReachedMs(reachedMs: number): void {
    this.#set("reached_ms", String(Math.floor(reachedMs)));
  }

  lastEventId(): string | undefined {
    return this.#get("last_event_id");
  }
  keepLastEventId(id: string): void {
    this.#set("last_event_id", id);
  }

  #get(name: string): string | undefined {
    const row = this.#database.row("SELECT value FROM fact WHERE name = ?", name);
    return row === undefined ? undefined : text(row, "value");
  }

  #set(name: string, value: string): void {
    this.#database.run(
      "INSERT INTO fact VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      name,
      value,
    );
  }
}
