// The machine itself, as the ports of src/world.

import { realClock } from "./clock.ts";
import { realDisk } from "./disk.ts";
import { realEntropy } from "./entropy.ts";
import { realHttp } from "./http.ts";
import { realNames } from "./names.ts";
import { realNet } from "./net.ts";
import { realRandom } from "./random.ts";
import { realThreads } from "./threads.ts";
import { realTls } from "./tls.ts";
import { realTurn } from "./turn.ts";

export const realWorld = {
  clock: realClock,
  random: realRandom,
  entropy: realEntropy,
  net: realNet,
  http: realHttp,
  names: realNames,
  disk: realDisk,
  threads: realThreads,
  tls: realTls,
  turn: realTurn,
};
