// Every family of generated conversations by name: the ordinary ones, and those whose recognition is counted.

import { between, type Maker, oneOf, randomBytes } from "./generated-flows.ts";
import { ORDINARY_TCP } from "./ordinary-tcp.ts";
import { KAD_SIZED, ORDINARY_UDP } from "./ordinary-udp.ts";

export const ORDINARY: Readonly<Record<string, Maker>> = { ...ORDINARY_TCP, ...ORDINARY_UDP };

/** Nothing but the lengths can tell these from Kad, and sometimes they do not. */
export const KAD_LENGTHS_ONLY = KAD_SIZED;

const KEY_BYTES = 96;
const PADDING_BYTES_MAX = 512;
/** Two hashes, verification, methods, padding's length, length of what follows. */
const NEGOTIATION_BYTES = 56;
const HANDSHAKE_BYTES = 68;
const SELECTION_BYTES = 14;

/** MSE as its specification has it: keys with padding, a negotiation with or without both its optional parts. */
export const KEY_EXCHANGE: Maker = (random) => {
  const padding = (): number => between(random, 0, PADDING_BYTES_MAX);
  const negotiation =
    NEGOTIATION_BYTES + oneOf(random, 0, padding()) + oneOf(random, HANDSHAKE_BYTES, HANDSHAKE_BYTES, 0);
  return {
    over: "tcp",
    said: [
      { by: 0, bytes: randomBytes(random, KEY_BYTES + padding()) },
      { by: 1, bytes: randomBytes(random, KEY_BYTES + padding()) },
      { by: 0, bytes: randomBytes(random, negotiation) },
      { by: 1, bytes: randomBytes(random, SELECTION_BYTES + oneOf(random, 0, padding()) + HANDSHAKE_BYTES) },
    ],
  };
};
