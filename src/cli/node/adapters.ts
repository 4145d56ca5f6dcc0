// The machine as a node uses it, and the options that the commands share.

import { existsSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { type Endpoint, parseEndpoint } from "../../domain/address/endpoint.ts";
import { createEngine } from "../../engine/engine.ts";
import { exchangeExtensions, openTransports } from "../../engine/repertoire.ts";
import { type ClamdAddress, parseClamdAddress } from "../../node/scan/clamd.ts";
import { swarmExtensions, swarmSources, TRACKER_REACHES, type TrackerReach } from "../../node/swarm-sources.ts";
import type { NodeOptions, NodeWorld } from "../../node/world.ts";
import { lockFolder } from "../../world/real/folder-lock.ts";
import { realWorld } from "../../world/real/world.ts";
import { dataFolder } from "../data-folder.ts";
import { printFailure } from "../output.ts";

export function nodeWorld(reach: TrackerReach): NodeWorld {
  return {
    ...realWorld,
    tempFolder: tmpdir(),
    lockFolder,
    // Encryption hides nothing from anybody here; it reaches the peers that insist on it.
    createEngine: async (listen, net) => {
      const world = { ...realWorld, net };
      return createEngine({ listen, transports: await openTransports(["tcp", "utp"], "prefer", world) }, world);
    },
    discovery: swarmSources(reach, realWorld),
    extensions: swarmExtensions(exchangeExtensions(realWorld)),
  };
}

/** Where Debian, Fedora and Homebrew put clamd's socket. */
const CLAMD_PLACES = ["/run/clamav/clamd.ctl", "/run/clamd.scan/clamd.sock", "/usr/local/var/run/clamav/clamd.sock"];
const LISTEN_ANYWHERE: readonly Endpoint[] = [{ host: "0.0.0.0", port: 0 }];

export type NodeFlags = {
  readonly data?: string | undefined;
  readonly library?: string | undefined;
  readonly listen?: readonly Endpoint[] | undefined;
  readonly clamd?: ClamdAddress | undefined;
  readonly reach: TrackerReach;
};

/** As they stand on the command line. */
export type TypedNodeFlags = {
  readonly data?: string | undefined;
  readonly library?: string | undefined;
  readonly listen?: string | undefined;
  readonly clamd?: string | undefined;
  readonly trackers?: string | undefined;
};

/** The options that `up` and `node` share. */
export function addNodeFlags(command: Command): Command {
  return command
    .option("--library <dir>", "folder for released files; default `library` in the node's folder")
    .option("--listen <address>", "where other members of a swarm reach this computer; port 0 takes a free one")
    .option(
      "--trackers <where>",
      "trackers of torrents that may be asked: public, institution (private addresses too, the default), any",
    )
    .option("--clamd <address>", "antivirus scanner that must agree: a socket's path, or HOST:PORT");
}

export function nodeOptions(flags: Omit<NodeFlags, "reach">): NodeOptions {
  const found = CLAMD_PLACES.find((path) => existsSync(path));
  const foundClamd =
    found === undefined ? undefined : { address: { kind: "unix", path: found } as const, required: false };
  return {
    folder: join(dataFolder(flags.data), "node"),
    libraryPath: flags.library === undefined ? undefined : resolve(flags.library),
    listen: flags.listen ?? LISTEN_ANYWHERE,
    clamd: flags.clamd === undefined ? foundClamd : { address: flags.clamd, required: true },
    deviceName: hostname() || "this computer",
    onWarning: (failed) => void printFailure(failed, {}),
  };
}

/** Failure codes: cli.usage_wrong, node.clamd_invalid. */
export function parseNodeFlags(typed: TypedNodeFlags): Result<NodeFlags, Failure> {
  const clamd = typed.clamd === undefined ? undefined : parseClamdAddress(typed.clamd);
  if (typed.clamd !== undefined && !clamd) return err(failure("node.clamd_invalid", { address: typed.clamd }));
  const listen = typed.listen === undefined ? undefined : listenPlace(typed.listen);
  if (typed.listen !== undefined && !listen) {
    return err(failure("cli.usage_wrong", { detail: "--listen takes ADDRESS:PORT" }));
  }
  const reach = TRACKER_REACHES.find((name) => name === (typed.trackers ?? "institution"));
  if (!reach) return err(failure("cli.usage_wrong", { detail: "--trackers takes public, institution or any" }));
  return ok({ data: typed.data, library: typed.library, listen: listen && [listen], clamd, reach });
}

// Port 0 is no endpoint that anybody could dial, but a fine one to listen on: the kernel picks.
function listenPlace(text: string): Endpoint | undefined {
  const free = /^(.+):0$/.exec(text);
  const parsed = parseEndpoint(free ? `${free[1]}:1` : text);
  return parsed && free ? { host: parsed.host, port: 0 } : parsed;
}
