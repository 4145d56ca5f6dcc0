// The kernel's generator.

import { randomBytes } from "node:crypto";
import type { Entropy } from "../entropy.ts";

export const realEntropy: Entropy = { bytes: (count) => new Uint8Array(randomBytes(count)) };
