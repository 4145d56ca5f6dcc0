// Starts a portal on a data folder and gives what the command around it needs. Everything that was opened has an owner.

import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { present } from "../base/assert.ts";
import { type Failure, failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import type { JoinToken } from "../wire/api/v1/device.ts";
import type { NewPerson, Person, SignInLink } from "../wire/api/v1/person.ts";
import { makePrivateFolder } from "../world/real/folders.ts";
import { readPosition } from "./audit/append.ts";
import { sealCheckpoint, writeCheckpoint } from "./audit/checkpoint.ts";
import { commit } from "./commit.ts";
import type { Core } from "./core.ts";
import { issueJoinToken } from "./devices/device.ts";
import { issueSignInLink } from "./http/identity-handlers.ts";
import { CALL_RATES, type CallRates } from "./http/routes.ts";
import { buildServer } from "./http/server.ts";
import { type OpenPortalOptions, openPortal, type PortalAdapters, portalPaths } from "./open.ts";
import { addPerson } from "./people/account.ts";
import { personOf } from "./people/person-row.ts";
import { recordPolicy } from "./policy-record.ts";
import { renewNow, startRevocationRenewal, startSweeper, sweep } from "./sweeper.ts";
import { suggestTorrent, type TorrentSource } from "./torrents/torrent.ts";

const CHECKPOINT_EVERY_MS = 60_000;

export type PortalOptions = OpenPortalOptions & {
  /** The built web pages. */
  readonly pagesDir: string;
  readonly logger: FastifyBaseLogger;
  readonly callRates?: CallRates;
};

export type RunningPortal = {
  readonly url: string;
  /** The account that the first start made, or the oldest that manages people. */
  readonly administrator: Person;
  signInLink(personId: string): Promise<Result<SignInLink, Failure>>;
  joinToken(personId: string): Promise<Result<JoinToken, Failure>>;
  addPerson(fresh: NewPerson): Promise<Result<Person, Failure>>;
  findPerson(login: string): Promise<Person | undefined>;
  suggest(source: TorrentSource, says: string): Promise<Result<string, Failure>>;
  /** Ends every stream, finishes what runs, writes the last checkpoint. A second call waits for the first. */
  close(): Promise<void>;
};

export async function startPortal(
  options: PortalOptions,
  adapters: PortalAdapters,
): Promise<Result<RunningPortal, Failure>> {
  const { folder } = portalPaths(options.dataDir);
  try {
    makePrivateFolder(folder);
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return err(failure("portal.folder_unusable", { folder, detail }, thrown));
  }
  let origin = options.settings.publicUrl ?? "";
  const opened = await openPortal(options, adapters, () => origin);
  if (!opened.ok) return opened;
  const { core, checkpointPath } = opened.value;
  // Whatever was opened is closed in the opposite order, also when a later step fails.
  await using owned = new AsyncDisposableStack();
  owned.defer(() => opened.value.release());
  const administrator = await firstAdministrator(core);
  if (!administrator.ok) return administrator;
  // What ran out while the portal was stopped ends before anybody is answered.
  await sweep(core);
  await renewNow(core);
  owned.defer(
    startRegularTasks(core, checkpointPath, (cause) =>
      options.logger.error({ name: "portal_bug", cause }, "a regular task failed"),
    ),
  );
  const { host, port, allowedHosts } = options.settings;
  let hosts: ReadonlySet<string> = new Set();
  const server = await buildServer(core, {
    pagesDir: options.pagesDir,
    logger: options.logger,
    callRates: options.callRates ?? CALL_RATES,
    hosts: () => hosts,
  });
  owned.defer(() => server.close());
  const listening = await listen(server, host, port);
  if (!listening.ok) return listening;
  if (origin === "") origin = `http://${host.includes(":") ? `[${host}]` : host}:${listening.value}`;
  hosts = answeredHosts(origin, listening.value, allowedHosts);
  owned.defer(() => core.hub.closeWhere(() => true));
  await commit(core, "portal", async (act) => {
    act.record("portal.started", "portal", { origin });
    await recordPolicy(core, act);
    return ok();
  });
  const kept = owned.move();
  return ok(runningPortal(core, administrator.value, () => kept.disposeAsync()));
}

function runningPortal(core: Core, administrator: Person, close: () => Promise<void>): RunningPortal {
  let closing: Promise<void> | undefined;
  return {
    url: core.origin(),
    administrator,
    signInLink: (personId) => issueSignInLink(core, "portal", personId),
    joinToken: (personId) => issueJoinToken(core, personId),
    addPerson: (fresh) => addPerson(core, "portal", fresh),
    findPerson: async (login) => {
      const row = await core.database.selectFrom("person").selectAll().where("login", "=", login).executeTakeFirst();
      return row === undefined ? undefined : personOf(row);
    },
    suggest: (source, says) => suggestTorrent(core, source, says),
    close: () => (closing ??= close()),
  };
}

/** Gives what stops them; the last checkpoint is written then. */
function startRegularTasks(core: Core, checkpointPath: string, failed: (cause: unknown) => void): () => Promise<void> {
  const keeper = new CheckpointKeeper(core, checkpointPath);
  const timers = [
    startSweeper(core, failed),
    startRevocationRenewal(core, failed),
    core.world.clock.every(CHECKPOINT_EVERY_MS, () => void keeper.keep().catch(failed)),
  ];
  return async () => {
    for (const timer of timers) timer.cancel();
    await keeper.keep();
  };
}

/** Writes a checkpoint when the record has grown since the last one. */
class CheckpointKeeper {
  readonly #core: Core;
  readonly #path: string;
  #written = -1;

  constructor(core: Core, path: string) {
    this.#core = core;
    this.#path = path;
  }

  async keep(): Promise<void> {
    const position = await readPosition(this.#core.database);
    if (position.n === this.#written && existsSync(this.#path)) return;
    const jws = await sealCheckpoint(position, this.#core.key, this.#core.world.clock.wallMs());
    writeCheckpoint(this.#path, jws);
    this.#written = position.n;
  }
}

async function firstAdministrator(core: Core): Promise<Result<Person, Failure>> {
  const row = await core.database
    .selectFrom("person")
    .selectAll()
    .where("roles", "like", '%"administrator"%')
    .where("disabled", "=", 0)
    .orderBy("created_at_ms")
    .limit(1)
    .executeTakeFirst();
  if (row !== undefined) return ok(personOf(row));
  return addPerson(core, "portal", {
    login: "admin",
    name: "Administrator",
    roles: ["administrator", "reviewer", "member"],
  });
}

async function listen(server: FastifyInstance, host: string, port: number): Promise<Result<number, Failure>> {
  try {
    await server.listen({ host, port });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    return err(failure("portal.listen_failed", { address: `${host}:${port}`, detail }, cause));
  }
  const address: AddressInfo | string | null = server.server.address();
  return ok(typeof address === "object" ? present(address, "the address that is listened on").port : port);
}

/** The names under which browsers may reach the portal; anything else was rebound or guessed (HOSTILE 164). */
function answeredHosts(origin: string, port: number, allowed: readonly string[]): ReadonlySet<string> {
  const own = ["localhost", "127.0.0.1", "[::1]"].map((name) => `${name}:${port}`);
  return new Set([new URL(origin).host, ...own, ...allowed].map((host) => host.toLowerCase()));
}
