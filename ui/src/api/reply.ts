// What the portal says, read once at the edge: every text in it is made inert here, so no page can forget it.

import { inertText } from "../format/inert.ts";

export function readReply(json: string): unknown {
  return JSON.parse(json, (_name, value: unknown) => (typeof value === "string" ? inertText(value) : value));
}
