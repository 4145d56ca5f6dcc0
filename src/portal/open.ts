// Opens a portal's data folder: lock, key, database. Used by the server, and by commands that work without it.

import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { Kysely, type SqliteDatabase, SqliteDialect } from "kysely";
import { type Failure, failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { Core, PortalWorld } from "./core.ts";
import { EventHub } from "./event-hub.ts";
import { BlockBoard } from "./gate/blocks.ts";
import { PASSWORD_COST, type PasswordCost, PasswordHasher } from "./password.ts";
import { CallBack } from "./reach/call-back.ts";
import { openRootKey } from "./root-key.ts";
import type { Settings } from "./settings.ts";
import { migrate } from "./store/migrations.ts";
import type { Tables } from "./store/tables.ts";
import { TrackerSwarms } from "./tracker/swarms.ts";

export type OpenPortalOptions = {
  /** The folder of everything; the portal keeps to `portal` in it. */
  readonly dataDir: string;
  readonly settings: Settings;
  readonly passwordCost?: PasswordCost;
};

/** What of the machine the portal needs; real in `world/real`. */
export type PortalAdapters = {
  readonly world: PortalWorld;
  readonly openDatabase: (path: string) => SqliteDatabase;
  /** Undefined when another process holds it. */
  readonly lockFolder: (path: string) => Disposable | undefined;
};

export type OpenedPortal = {
  readonly core: Core;
  readonly checkpointPath: string;
  release(): Promise<void>;
};

export function portalPaths(dataDir: string) {
  const folder = join(dataDir, "portal");
  return {
    folder,
    database: join(folder, "portal.db"),
    rootKey: join(folder, "root.key"),
    lock: join(folder, "lock"),
    checkpoints: join(folder, "audit-checkpoints.jsonl"),
  };
}

export async function openPortal(
  options: OpenPortalOptions,
  adapters: PortalAdapters,
  origin: () => string,
): Promise<Result<OpenedPortal, Failure>> {
  const { world } = adapters;
  const paths = portalPaths(options.dataDir);
  const lock = adapters.lockFolder(paths.lock);
  if (lock === undefined) return err(failure("portal.data_in_use", { path: options.dataDir }));
  const release = (): void => lock[Symbol.dispose]();
  // A key that vanished must not be replaced: everything that it signed would stop being true.
  const key = openRootKey(paths.rootKey, existsSync(paths.database) ? "refuse" : "create");
  if (!key.ok) {
    release();
    return key;
  }
  const database = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: adapters.openDatabase(paths.database) }),
  });
  const schema = await migrate(database);
  chmodSync(paths.database, 0o600);
  if (schema === "newer") {
    await database.destroy();
    release();
    return err(failure("portal.data_newer", { path: options.dataDir }));
  }
  const core: Core = {
    database,
    world,
    settings: options.settings,
    key: key.value,
    hub: new EventHub(world.clock.wallMs()),
    hasher: new PasswordHasher(world.entropy, options.passwordCost ?? PASSWORD_COST),
    swarms: new TrackerSwarms(world.random),
    blocks: new BlockBoard(),
    callBack: new CallBack(world),
    origin,
  };
  return ok({
    core,
    checkpointPath: paths.checkpoints,
    async release() {
      await database.destroy();
      release();
    },
  });
}
