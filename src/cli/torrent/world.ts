// The machine as the torrent commands use it.

import type { ContentWorld } from "../../engine/content/verify.ts";
import { realDisk } from "../../world/real/disk.ts";
import { realListing } from "../../world/real/listing.ts";
import { realThreads } from "../../world/real/threads.ts";

export const CONTENT_WORLD: ContentWorld = { disk: realDisk, listing: realListing, threads: realThreads };
