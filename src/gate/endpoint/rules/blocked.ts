// What restriction rules block: clients of the table, and programs that an institution found and names by their contents.

import { createHash } from "node:crypto";
import type { ClientEntry } from "../clients.ts";
import type { Sample } from "./sample.ts";

export type Blocked = { readonly clients: readonly ClientEntry[]; readonly samples: readonly Sample[] };

/** The same rule has the same identifier in every file that is written, so that a new file replaces an old one. */
export function identifier(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
