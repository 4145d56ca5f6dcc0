// Starts a node on its folder: lock, database, scanner, local API, and the session with the portal once it has joined.

import { chmodSync } from "node:fs";
import { join } from "node:path";
import { type Failure, failure } from "../base/failure.ts";
import { err, ok, type Result } from "../base/result.ts";
import { formatEndpoint } from "../domain/address/endpoint.ts";
import type { NodeStatus } from "../wire/local/status.ts";
import { makePrivateFolder } from "../world/real/folders.ts";
import { checkNode } from "./checks.ts";
import { HeldFiles } from "./held-files.ts";
import { joinPortal } from "./joining.ts";
import { type LocalHandlers, LocalServer } from "./local/server.ts";
import { Quarantine } from "./quarantine/quarantine.ts";
import { Clamd } from "./scan/clamd.ts";
import { SCAN_LIMITS } from "./scan/limits.ts";
import { Scanner } from "./scan/scanner.ts";
import { openSession, type Session } from "./session.ts";
import { NodeDatabase } from "./store/database.ts";
import { type Enrolment, Facts } from "./store/facts.ts";
import { VerdictStore } from "./store/verdicts.ts";
import type { TransferTask } from "./transfer/task.ts";
import type { NodeOptions, NodeWorld } from "./world.ts";

/** clamd's own default for MaxFileSize; above it clamd says OK without having looked. */
const CLAMD_BYTES_MAX = 100 * 1024 * 1024;
const CLAMD_SILENCE_MS_MAX = 60_000;

export type RunningNode = {
  readonly socketPath: string;
  /** Undefined until the node has joined. */
  session(): Session | undefined;
  enrolment(): Enrolment | undefined;
  join(call: { readonly url: string; readonly token: string }): Promise<Result<Enrolment, Failure>>;
  /** The portal's address changed (another port); takes effect at once. */
  movePortal(url: string): Promise<Result<undefined, Failure>>;
  close(): Promise<void>;
};

/** Failure codes: node.folder_unusable, node.folder_locked, engine.listen_failed. */
export async function startNode(options: NodeOptions, world: NodeWorld): Promise<Result<RunningNode, Failure>> {
  const opened = openFolder(options, world);
  if (!opened.ok) return opened;
  const node = new Node(options, world, opened.value);
  const started = await node.start();
  if (started.ok) return ok(node);
  await node.close();
  return started;
}

type Opened = { readonly lock: Disposable; readonly database: NodeDatabase; readonly quarantine: Quarantine };

function openFolder(options: NodeOptions, world: NodeWorld): Result<Opened, Failure> {
  const { folder } = options;
  try {
    makePrivateFolder(folder);
    chmodSync(folder, 0o700);
    const lock = world.lockFolder(join(folder, "lock"));
    if (!lock) return err(failure("node.folder_locked", { folder }));
    const quarantine = new Quarantine(join(folder, "quarantine"), world.entropy);
    return ok({ lock, database: new NodeDatabase(folder), quarantine });
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return err(failure("node.folder_unusable", { folder, detail }, thrown));
  }
}

class Node implements RunningNode {
  readonly #options: NodeOptions;
  readonly #world: NodeWorld;
  readonly #opened: Opened;
  readonly #facts: Facts;
  readonly #scanner: Scanner;
  #local: LocalServer | undefined;
  #session: Session | undefined;

  constructor(options: NodeOptions, world: NodeWorld, opened: Opened) {
    this.#options = options;
    this.#world = world;
    this.#opened = opened;
    this.#facts = new Facts(opened.database);
    const { clamd } = options;
    const clamdOptions = { bytesMax: CLAMD_BYTES_MAX, silenceMsMax: CLAMD_SILENCE_MS_MAX };
    this.#scanner = new Scanner({
      limits: SCAN_LIMITS,
      spoolFolder: opened.quarantine.spoolFolder,
      clock: world.clock,
      second: clamd && {
        clamd: new Clamd({ address: clamd.address, ...clamdOptions }, world.clock),
        required: clamd.required,
      },
      verdicts: new VerdictStore(opened.database),
    });
  }

  async start(): Promise<Result<undefined, Failure>> {
    const place = { folder: this.#options.folder, tempFolder: this.#world.tempFolder };
    const enrolment = this.#facts.enrolment();
    const session = enrolment ? await this.#open(enrolment) : ok();
    if (!session.ok) return session;
    this.#local = await LocalServer.open(place, this.#handlers());
    return ok();
  }

  get socketPath(): string {
    return this.#local?.socketPath ?? "";
  }

  session(): Session | undefined {
    return this.#session;
  }

  enrolment(): Enrolment | undefined {
    return this.#facts.enrolment();
  }

  async join(call: { url: string; token: string; name?: string }): Promise<Result<Enrolment, Failure>> {
    const { folder, deviceName } = this.#options;
    const joined = await joinPortal(
      { url: call.url, token: call.token, name: call.name ?? deviceName },
      { folder, facts: this.#facts, world: this.#world },
    );
    if (!joined.ok) return joined;
    const opened = await this.#open(joined.value);
    return opened.ok ? joined : opened;
  }

  async movePortal(url: string): Promise<Result<undefined, Failure>> {
    this.#facts.movePortal(url);
    const enrolment = this.#facts.enrolment();
    await this.#session?.close();
    this.#session = undefined;
    return enrolment ? this.#open(enrolment) : ok();
  }

  async close(): Promise<void> {
    await this.#local?.close();
    await this.#session?.close();
    await this.#scanner.close();
    this.#opened.database[Symbol.dispose]();
    this.#opened.lock[Symbol.dispose]();
  }

  async #open(enrolment: Enrolment): Promise<Result<undefined, Failure>> {
    const { database, quarantine } = this.#opened;
    const session = await openSession({
      options: this.#options,
      world: this.#world,
      database,
      facts: this.#facts,
      scanner: this.#scanner,
      quarantine,
      enrolment,
    });
    if (!session.ok) return session;
    this.#session = session.value;
    return ok();
  }

  async #status(): Promise<NodeStatus> {
    const session = this.#session;
    const state = session?.link.state();
    return {
      version: "0.1.0",
      deviceId: session?.enrolment.deviceId ?? null,
      personName: session?.enrolment.personName ?? null,
      institution: session?.enrolment.institution ?? null,
      portal:
        session && state
          ? { url: session.client.url, connected: state.connected, sinceMs: state.sinceMs, why: state.why ?? null }
          : null,
      listening: session?.core.engine.listening().map(formatEndpoint) ?? [],
      libraryPath: this.#options.libraryPath ?? join(this.#options.folder, "library"),
      scanner: await this.#scanner.engines(),
    };
  }

  #handlers(): LocalHandlers {
    const joined = <T>(step: (session: Session) => Promise<Result<T, Failure>> | Result<T, Failure>) => {
      const session = this.#session;
      return Promise.resolve(session ? step(session) : err(failure("node.not_joined")));
    };
    const named = <T>(id: string, step: (task: TransferTask, session: Session) => T | Promise<T>) =>
      joined<T>(async (session) => {
        const task = session.transfers.named(id);
        return task ? ok(await step(task, session)) : err(failure("node.transfer_unknown", { id }));
      });
    const held = (session: Session) => new HeldFiles(session.core, session.transfers);
    const done = (says: string) => ({ done: true as const, says });
    return {
      status: async () => ok(await this.#status()),
      checks: () => joined(async (session) => ok({ checks: await checkNode(session) })),
      join: async ({ body }) => {
        const enrolment = await this.join(body);
        if (!enrolment.ok) return enrolment;
        const { deviceId, personName, institution, portalUrl } = enrolment.value;
        return ok({ deviceId, personName, institution, portalUrl });
      },
      get: ({ body }) => joined((session) => session.asking.get(body)),
      asked: ({ id }) => joined((session) => session.asking.asked(id)),
      transfers: () =>
        joined(async (session) =>
          ok({ transfers: session.transfers.views(), requests: (await session.asking.waiting()) ?? null }),
        ),
      transfer: ({ id }) =>
        joined((session) => {
          const task = session.transfers.named(id);
          const view = task && session.transfers.view(task);
          return view ? ok(view) : err(failure("node.transfer_unknown", { id }));
        }),
      pause: ({ id }) =>
        named(id, (task) => {
          task.pause();
          return done("It is paused.");
        }),
      resume: ({ id }) =>
        named(id, (task) => {
          task.resume();
          return done("It goes on.");
        }),
      remove: ({ id }) =>
        named(id, async (task, session) => {
          await session.transfers.remove(task);
          const returned = await session.link.giveBack(task.id, "The transfer was removed.");
          const kept = "What was in quarantine is deleted; released files stay in the library.";
          return done(returned.ok ? `It is removed and its grant given back. ${kept}` : `It is removed. ${kept}`);
        }),
      quarantine: () => joined((session) => ok({ entries: held(session).list() })),
      held: ({ id }) => joined((session) => held(session).show(id)),
      destroy: ({ id }) => joined((session) => held(session).destroy(id)),
      release: ({ id }) => joined((session) => held(session).release(id)),
    };
  }
}
