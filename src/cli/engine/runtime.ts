// Builds the engine that the choices of the command line describe, and what one torrent brings into it.

import { readFile } from "node:fs/promises";
import { FailureError } from "../../base/failure.ts";
import { Secret } from "../../base/secret.ts";
import { type Metainfo, wireInfoHashes } from "../../domain/metainfo/metainfo.ts";
import type { Engine, TorrentOptions, TorrentSource } from "../../engine/contract.ts";
import { createEngine } from "../../engine/engine.ts";
import { closedTransports, exchangeExtensions, localDiscovery, openTransports } from "../../engine/repertoire.ts";
import type { Transport } from "../../engine/transport/transport.ts";
import { SharedUdp } from "../../engine/transport/udp/shared-port.ts";
import { realWorld } from "../../world/real/world.ts";
import { hashTable } from "./hash-table.ts";
import { namedSources } from "./named-sources.ts";
import type { EngineChoices } from "./options.ts";
import { filteredAdmission } from "./reach.ts";
import { usage } from "./usage.ts";

export type BareEngine = {
  readonly engine: Engine;
  /** What belongs to the torrent beside its own options. */
  readonly torrent: Pick<TorrentOptions, "discovery" | "extensions" | "closedSwarm" | "admission">;
};

export async function startEngine(choices: EngineChoices, source: TorrentSource): Promise<BareEngine> {
  const metainfo = source.kind === "metainfo" ? source.metainfo : undefined;
  if (source.kind === "magnet" && choices.certificate !== undefined) {
    usage(
      "a magnet cannot lead into a closed swarm, whose root certificate stands in the torrent file: give that file",
    );
  }
  const isClosed = metainfo?.sslCert !== undefined;
  const world = await worldOf(choices, isClosed);
  const udp = new SharedUdp(world.net);
  const transports = isClosed
    ? await closedSwarm(metainfo, metainfo.sslCert, choices)
    : await openSwarm(choices, world, udp);
  const engine = await createEngine({ listen: choices.listen, transports, limits: choices.limits }, world);
  if (!engine.ok) throw new FailureError(engine.error);
  const { filter, proxy } = choices.reach;
  const admission = filter === undefined ? {} : { admission: filteredAdmission(filter) };
  // Trackers, web seeds and the names of DHT nodes would be looked up and asked around the proxy.
  const named = proxy === undefined ? await namedSources(source, choices) : [];
  // A closed swarm and a private torrent are not spoken of anywhere but to their trackers (H75).
  if (isClosed || metainfo?.private === true) {
    return { engine: engine.value, torrent: { discovery: named, closedSwarm: isClosed, ...admission } };
  }
  const { lsd, pex } = choices.discovery;
  return {
    engine: engine.value,
    torrent: {
      discovery: [
        ...named,
        ...(proxy === undefined
          ? [...hashTable(choices, engine.value.listening(), udp), ...(lsd ? [localDiscovery(world)] : [])]
          : []),
      ],
      extensions: pex ? exchangeExtensions(world) : [],
      ...admission,
    },
  };
}

async function worldOf({ reach }: EngineChoices, isClosed: boolean): Promise<typeof realWorld> {
  if (reach.proxy === undefined) return realWorld;
  if (isClosed) usage("--proxy is for open swarms");
  const { SocksNet } = await import("../../engine/transport/socks/net.ts");
  return { ...realWorld, net: new SocksNet(realWorld.net, realWorld.clock, reach.proxy) };
}

function openSwarm(choices: EngineChoices, world: typeof realWorld, udp: SharedUdp): Promise<Transport[]> {
  if (choices.certificate !== undefined) usage("--cert and --key are for torrents of a closed swarm; this one is open");
  return openTransports(choices.transports, choices.encryption, world, udp);
}

async function closedSwarm(metainfo: Metainfo, rootPem: string, choices: EngineChoices): Promise<Transport[]> {
  const { certificate } = choices;
  if (certificate === undefined) usage("this torrent is a closed swarm: it needs --cert and --key");
  const read = (file: string) => readFile(file, "utf8").catch(() => usage(`the file ${file} cannot be read`));
  const transports = await closedTransports(choices.transports, realWorld);
  const swarm = {
    infoHashes: wireInfoHashes(metainfo),
    torrentName: metainfo.name,
    tls: {
      rootPem,
      certificatePem: await read(certificate.certFile),
      privateKeyPem: new Secret(await read(certificate.keyFile)),
    },
    wildcard: "accept",
  } as const;
  for (const transport of transports) transport.enroll(swarm);
  return transports;
}
