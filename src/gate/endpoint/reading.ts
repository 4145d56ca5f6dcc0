// Reads of a computer that changes while it is audited: what is gone is not there, what is forbidden is written down.

import { type Dirent, readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Unread } from "./finding.ts";

const FORBIDDEN = new Set(["EACCES", "EPERM"]);
const UNREAD_MAX = 1_000;

export class Reading {
  readonly #unread = new Map<string, string>();

  unread(): readonly Unread[] {
    return [...this.#unread].map(([what, why]) => ({ what, why }));
  }

  note(what: string, why: string): void {
    if (this.#unread.size < UNREAD_MAX) this.#unread.set(what, why);
  }

  /** By name: two audits of the same computer say the same. */
  entries(folder: string): Dirent[] {
    const found = this.#tried(folder, () => readdirSync(folder, { withFileTypes: true })) ?? [];
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  names(folder: string): string[] {
    return (this.#tried(folder, () => readdirSync(folder)) ?? []).toSorted();
  }

  text(file: string): string | undefined {
    return this.#tried(file, () => readFileSync(file, "utf8"));
  }

  /** An object that stands in the file; undefined where it is none. */
  object(file: string): Readonly<Record<string, unknown>> | undefined {
    return objectOf(this.text(file));
  }

  link(path: string): string | undefined {
    return this.#tried(path, () => readlinkSync(path));
  }

  #tried<T>(what: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (thrown) {
      const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
      if (FORBIDDEN.has(code)) this.note(what, "not permitted to this user");
      return undefined;
    }
  }
}

function objectOf(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member that is text; empty for anything else. */
export function textIn(value: Readonly<Record<string, unknown>>, member: string): string {
  const found = value[member];
  return typeof found === "string" ? found : "";
}
