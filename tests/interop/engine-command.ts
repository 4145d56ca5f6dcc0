// Our own bare engine as a program on a lab host: `swarmgate engine get` and `swarmgate engine seed`.

import type { Encryption, Source } from "../lab/clients/client.ts";
import type { Host } from "../lab/host.ts";
import type { Program } from "../lab/program.ts";
import { SWARMGATE } from "../lab/swarmgate.ts";

export type EngineCall = {
  /** Where it accepts peers. */
  readonly port: number;
  readonly transport: "tcp" | "utp";
  readonly encryption: Encryption;
  /** Peers to dial, as HOST:PORT. */
  readonly peers?: readonly string[];
  readonly more?: readonly string[];
};

/** Seeds `folder`, which holds the content; resolves once it accepts peers. */
export async function engineSeed(host: Host, file: string, folder: string, call: EngineCall): Promise<Program> {
  const program = host.start(SWARMGATE, ["engine", "seed", file, "--data", folder, ...flags(host, call)]);
  await program.printed(/"event":"listening"/, 30_000);
  return program;
}

/** Downloads into `folder`; the program ends when it has everything. */
export function engineGet(host: Host, source: Source, folder: string, call: EngineCall): Program {
  const what = "file" in source ? source.file : source.magnet;
  return host.start(SWARMGATE, ["engine", "get", what, "--out", folder, ...flags(host, call)]);
}

function flags(host: Host, call: EngineCall): string[] {
  return [
    "--json",
    `--listen=${host.address}:${call.port}`,
    `--transport=${call.transport}`,
    `--encryption=${call.encryption}`,
    "--no-dht",
    "--no-lsd",
    "--no-pex",
    "--no-trackers",
    ...(call.peers ?? []).map((peer) => `--peer=${peer}`),
    ...(call.more ?? []),
  ];
}
