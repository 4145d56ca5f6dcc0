// Builds the engine that the choices of the command line describe.

import { FailureError } from "../../base/failure.ts";
import type { Engine } from "../../engine/contract.ts";
import { createEngine } from "../../engine/engine.ts";
import { MseTransport } from "../../engine/transport/mse/transport.ts";
import { tcpTransport } from "../../engine/transport/tcp.ts";
import type { Transport } from "../../engine/transport/transport.ts";
import { realWorld } from "../../world/real/world.ts";
import { type EngineChoices, type TransportChoice, usage } from "./options.ts";

export async function startEngine(choices: EngineChoices): Promise<Engine> {
  if (choices.certificate !== undefined) usage("--cert and --key need a torrent of a closed swarm");
  const engine = await createEngine(
    {
      listen: choices.listen === undefined ? [] : [choices.listen],
      transports: choices.transports.map((name) => encrypted(plain(name), choices)),
      limits: choices.limits,
    },
    realWorld,
  );
  if (!engine.ok) throw new FailureError(engine.error);
  return engine.value;
}

function plain(name: TransportChoice): Transport {
  if (name === "tcp") return tcpTransport(realWorld.net);
  return usage("--transport utp is not available in this version");
}

function encrypted(inner: Transport, { encryption }: EngineChoices): Transport {
  return encryption === "off" ? inner : new MseTransport({ inner, policy: encryption }, realWorld);
}
