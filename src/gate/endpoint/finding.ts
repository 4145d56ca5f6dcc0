// What an audit says: which client, where it was found and how it was known, and what could not be looked at.

import type { Application } from "../why.ts";
import type { ClientEntry } from "./clients.ts";

export type FoundAs = "package" | "flatpak" | "snap" | "appimage" | "file" | "extension" | "process";
/** By its name, by what it was started as, by what its file contains, by the extension's identifier. */
export type KnownBy = "name" | "command" | "content" | "identifier" | "manifest";

export type Finding = {
  readonly client: string;
  readonly applications: readonly Application[];
  readonly found: FoundAs;
  /** The package's name, or the path of the file, the program or the extension. */
  readonly what: string;
  readonly by: KnownBy;
  /** Whose home folder it lies in, or who runs it. */
  readonly user?: string;
  readonly pid?: number;
  /** The name that the process goes by, where it is not the program's own. */
  readonly calls?: string;
  /** Absent where the sockets may not be read. */
  readonly sockets?: Sockets;
};

export type Sockets = {
  /** Such as "tcp 51413". */
  readonly listening: readonly string[];
  /** Such as "tcp 10.0.0.7:51413", the first of `connections`. */
  readonly connected: readonly string[];
  readonly connections: number;
};

/** A place that could not be looked into, or not wholly. */
export type Unread = { readonly what: string; readonly why: string };

export type Audit = { readonly findings: readonly Finding[]; readonly unread: readonly Unread[] };

export function finding(client: ClientEntry, found: FoundAs, what: string, by: KnownBy): Finding {
  return { client: client.name, applications: client.applications, found, what, by };
}
