// One process on one data folder (HOSTILE 150). The kernel drops the lock with the process, however it ended.

import { DatabaseSync } from "node:sqlite";

/** sqlite.org/rescode.html: somebody else holds the lock. */
const SQLITE_BUSY = 5;

export interface FolderLock extends Disposable {
  /** Lets the folder go; a second call does nothing. */
  release(): void;
}

/**
 * Undefined: another process holds `lockFile`. SQLite's own lock is used because Node has no flock and a file with a
 * process id in it outlives a kill. Throws what the disk says when the file cannot be made.
 */
export function lockFolder(lockFile: string): FolderLock | undefined {
  const database = new DatabaseSync(lockFile);
  try {
    database.exec("PRAGMA busy_timeout = 0");
    database.exec("BEGIN EXCLUSIVE");
  } catch (thrown) {
    database.close();
    if (Object(thrown).errcode === SQLITE_BUSY) return undefined;
    throw thrown;
  }
  const release = (): void => {
    if (database.isOpen) database.close();
  };
  return { release, [Symbol.dispose]: release };
}
