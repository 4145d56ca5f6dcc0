// An enrolled node at work: engine, grants, transfers and the connection to the portal, opened and closed together.

import { join } from "node:path";
import type { Failure } from "../base/failure.ts";
import { ok, type Result } from "../base/result.ts";
import type { Entropy } from "../world/entropy.ts";
import { Asking } from "./asking.ts";
import type { NodeCore } from "./core.ts";
import { openDeviceKey } from "./device-key.ts";
import { GrantKeeper } from "./grants/keeper.ts";
import { PortalClient } from "./portal/client.ts";
import { PortalLink } from "./portal/link.ts";
import { Quarantine } from "./quarantine/quarantine.ts";
import { KnockDoor } from "./reach/door.ts";
import type { Scanner } from "./scan/scanner.ts";
import type { NodeDatabase } from "./store/database.ts";
import type { Enrolment, Facts } from "./store/facts.ts";
import { GrantStore } from "./store/grants.ts";
import { TransferStore } from "./store/transfers.ts";
import { Transfers } from "./transfer/transfers.ts";
import type { NodeOptions, NodeWorld } from "./world.ts";

export type Session = {
  readonly core: NodeCore;
  readonly client: PortalClient;
  readonly link: PortalLink;
  readonly transfers: Transfers;
  readonly asking: Asking;
  /** Where the portal's call back is answered. */
  readonly door: KnockDoor;
  readonly entropy: Entropy;
  readonly enrolment: Enrolment;
  close(): Promise<void>;
};

export type SessionParts = {
  readonly options: NodeOptions;
  readonly world: NodeWorld;
  readonly database: NodeDatabase;
  readonly facts: Facts;
  readonly scanner: Scanner;
  readonly quarantine: Quarantine;
  readonly enrolment: Enrolment;
};

/** Failure codes: engine.listen_failed. Nothing is sent to any peer or tracker by this. */
export async function openSession(parts: SessionParts): Promise<Result<Session, Failure>> {
  const { options, world, database, facts, enrolment } = parts;
  const door = new KnockDoor();
  const engine = await world.createEngine(options.listen, door.before(world.net));
  if (!engine.ok) return engine;
  const key = openDeviceKey(options.folder);
  const grants = new GrantStore(database);
  const { clock, entropy, random } = world;
  const keeper = new GrantKeeper({ facts, store: grants, clock, enrolment, deviceThumbprint: key.thumbprint });
  await keeper.restore();
  const core: NodeCore = {
    clock,
    engine: engine.value,
    keeper,
    grants,
    transfers: new TransferStore(database),
    quarantine: parts.quarantine,
    scanner: parts.scanner,
    libraryPath: options.libraryPath ?? join(options.folder, "library"),
    resumePath: join(options.folder, "resume"),
    discovery: world.discovery,
    extensions: world.extensions,
  };
  const client = new PortalClient(enrolment.portalUrl, { deviceId: enrolment.deviceId, key }, { clock, entropy });
  const transfers = new Transfers(core);
  const onRefused = (failed: Failure) => options.onWarning(failed);
  const link = new PortalLink({ core, client, facts, transfers, random, onRefused });
  const asking = new Asking({ core, client, link, transfers, enrolment, entropy });
  const close = async (): Promise<void> => {
    await link.close();
    await transfers.close();
    await engine.value.close();
    facts.keepReachedMs(keeper.nowMs());
  };
  return ok({ core, client, link, transfers, asking, door, entropy, enrolment, close });
}
