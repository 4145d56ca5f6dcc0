// The sessions that `swarmgate sign-in` opened: one a portal, in a file that only their owner can read.

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import { makePrivateFolder } from "../world/real/folders.ts";
import { configFolder, dataFolder } from "./data-folder.ts";

const StoredSession = Type.Object({
  portal: Type.String(),
  login: Type.String(),
  token: Type.String(),
  expiresAtMs: Type.Integer(),
});
export type StoredSession = Static<typeof StoredSession>;
const StoredSessions = Type.Array(StoredSession);

/** `--data` keeps them in that folder, else they lie in the person's own configuration. */
function sessionPath(data: string | undefined): string {
  return join(data === undefined ? configFolder() : dataFolder(data), "sessions.json");
}

/** The newest first. */
export function readSessions(data: string | undefined): StoredSession[] {
  const path = sessionPath(data);
  if (!existsSync(path)) return [];
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return Value.Check(StoredSessions, value) ? value : [];
  } catch {
    // A damaged file is as good as none: signing in again writes a new one.
    return [];
  }
}

export function keepSession(data: string | undefined, session: StoredSession): void {
  const path = sessionPath(data);
  const others = readSessions(data).filter((other) => other.portal !== session.portal);
  makePrivateFolder(dirname(path));
  const fresh = `${path}.new`;
  writeFileSync(fresh, JSON.stringify([session, ...others]), { mode: 0o600 });
  renameSync(fresh, path);
}
