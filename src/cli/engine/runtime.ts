// Builds the engine that the choices of the command line describe, and what one torrent brings into it.

import { readFile } from "node:fs/promises";
import { FailureError } from "../../base/failure.ts";
import { Secret } from "../../base/secret.ts";
import { type Metainfo, wireInfoHashes } from "../../domain/metainfo/metainfo.ts";
import type { Engine, TorrentOptions, TorrentSource } from "../../engine/contract.ts";
import { createEngine } from "../../engine/engine.ts";
import { closedTransport, exchangeExtensions, localDiscovery, openTransports } from "../../engine/repertoire.ts";
import type { Transport } from "../../engine/transport/transport.ts";
import { realWorld } from "../../world/real/world.ts";
import { hashTable } from "./hash-table.ts";
import { namedSources } from "./named-sources.ts";
import { type EngineChoices, usage } from "./options.ts";

export type BareEngine = {
  readonly engine: Engine;
  /** What belongs to the torrent beside its own options. */
  readonly torrent: Pick<TorrentOptions, "discovery" | "extensions" | "closedSwarm">;
};

export async function startEngine(choices: EngineChoices, source: TorrentSource): Promise<BareEngine> {
  const metainfo = source.kind === "metainfo" ? source.metainfo : undefined;
  const isClosed = metainfo?.sslCert !== undefined;
  const transports = isClosed ? [await closedSwarm(metainfo, metainfo.sslCert, choices)] : openSwarm(choices);
  const engine = await createEngine(
    { listen: choices.listen === undefined ? [] : [choices.listen], transports, limits: choices.limits },
    realWorld,
  );
  if (!engine.ok) throw new FailureError(engine.error);
  const named = namedSources(source, choices);
  // A closed swarm and a private torrent are not spoken of anywhere but to their trackers (H75).
  if (isClosed || metainfo?.private === true) {
    return { engine: engine.value, torrent: { discovery: named, closedSwarm: isClosed } };
  }
  const { lsd, pex } = choices.discovery;
  return {
    engine: engine.value,
    torrent: {
      discovery: [...named, ...hashTable(choices), ...(lsd ? [localDiscovery(realWorld)] : [])],
      extensions: pex ? exchangeExtensions(realWorld) : [],
    },
  };
}

function openSwarm(choices: EngineChoices): Transport[] {
  if (choices.certificate !== undefined) usage("--cert and --key are for torrents of a closed swarm; this one is open");
  return openTransports(choices.transports, choices.encryption, realWorld);
}

async function closedSwarm(metainfo: Metainfo, rootPem: string, choices: EngineChoices): Promise<Transport> {
  const { certificate } = choices;
  if (certificate === undefined) usage("this torrent is a closed swarm: it needs --cert and --key");
  const read = (file: string) => readFile(file, "utf8").catch(() => usage(`the file ${file} cannot be read`));
  const transport = closedTransport(realWorld);
  transport.enroll({
    infoHashes: wireInfoHashes(metainfo),
    torrentName: metainfo.name,
    tls: {
      rootPem,
      certificatePem: await read(certificate.certFile),
      privateKeyPem: new Secret(await read(certificate.keyFile)),
    },
    wildcard: "accept",
  });
  return transport;
}
