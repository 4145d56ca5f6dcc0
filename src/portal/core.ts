// What every use case of the portal works with. Made once at the start; nothing in it is global.

import type { Kysely } from "kysely";
import type { Clock } from "../world/clock.ts";
import type { Entropy } from "../world/entropy.ts";
import type { Net } from "../world/net.ts";
import type { Random } from "../world/random.ts";
import type { EventHub } from "./event-hub.ts";
import type { BlockBoard } from "./gate/blocks.ts";
import type { PasswordHasher } from "./password.ts";
import type { CallBack } from "./reach/call-back.ts";
import type { RootKey } from "./root-key.ts";
import type { Settings } from "./settings.ts";
import type { Tables } from "./store/tables.ts";
import type { TrackerSwarms } from "./tracker/swarms.ts";

export type PortalWorld = {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly random: Random;
  readonly net: Net;
};

export type Core = {
  readonly database: Kysely<Tables>;
  readonly world: PortalWorld;
  readonly settings: Settings;
  readonly key: RootKey;
  readonly hub: EventHub;
  readonly hasher: PasswordHasher;
  readonly swarms: TrackerSwarms;
  readonly blocks: BlockBoard;
  readonly callBack: CallBack;
  /** The origin under which the portal is reached; known once it listens. */
  readonly origin: () => string;
};
