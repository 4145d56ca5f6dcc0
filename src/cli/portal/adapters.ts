// The machine as the portal uses it.

import { join } from "node:path";
import type { PortalAdapters } from "../../portal/open.ts";
import { realClock } from "../../world/real/clock.ts";
import { realEntropy } from "../../world/real/entropy.ts";
import { lockFolder } from "../../world/real/folder-lock.ts";
import { realNet } from "../../world/real/net.ts";
import { realRandom } from "../../world/real/random.ts";
import { openSqlite } from "../../world/real/sqlite.ts";

export const PORTAL_ADAPTERS: PortalAdapters = {
  world: { clock: realClock, entropy: realEntropy, random: realRandom, net: realNet },
  openDatabase: (path) => openSqlite(path),
  lockFolder,
};

/** Where the build puts the web pages. */
export const PAGES_DIR = join(import.meta.dirname, "..", "..", "..", "ui", "dist");
