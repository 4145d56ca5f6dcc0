// What moves the bytes of a torrent whose metadata is known, and whose place on the disk was looked at.

import type { Random } from "../../world/random.ts";
import type { PeerSession } from "../peer/session-host.ts";
import type { Picker } from "../picker/picker.ts";
import type { Assembly } from "./assembly.ts";
import type { Content } from "./content.ts";
import type { Uploads } from "./uploads.ts";

export type SwarmFlow = {
  readonly content: Content;
  readonly picker: Picker;
  readonly assembly: Assembly;
  readonly uploads: Uploads;
};

/** The members of a closed swarm that are connected; where several would do, one is drawn. */
export type Members = {
  readonly sessions: ReadonlyMap<number, PeerSession>;
  readonly random: Random;
};
