// Unseeded choices for production.

import { randomInt } from "node:crypto";
import type { Random } from "../random.ts";

export const realRandom: Random = { below: (limit) => (limit <= 1 ? 0 : randomInt(limit)) };
