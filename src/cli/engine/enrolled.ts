// The bare engine knows no grants: on a computer that an institution manages it does not run.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { FailureError, failure } from "../../base/failure.ts";

/** Throws when the data folder of this machine's node says that it has joined an institution. */
export function refuseOnEnrolledMachine(): void {
  const dataDir =
    process.env["SWARMGATE_DATA"] ??
    join(process.env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "swarmgate");
  const database = join(dataDir, "node", "node.db");
  if (existsSync(database) && hasEnrolment(database)) {
    throw new FailureError(failure("cli.engine_enrolled", { folder: dataDir }));
  }
}

/** A database that cannot be read is taken for an enrolled one: the default is to refuse. */
function hasEnrolment(path: string): boolean {
  try {
    // Loaded where there is a database to read: most machines that run the bare engine have none.
    const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      return database.prepare("SELECT 1 FROM enrolment LIMIT 1").get() !== undefined;
    } finally {
      database.close();
    }
  } catch {
    return true;
  }
}
