// The options of `engine get` and `engine seed`, from words to values; what is wrong with one becomes a usage failure.

import type { Command } from "commander";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { RateLimits } from "../../engine/contract.ts";
import { parseBytes } from "../byte-count.ts";
import type { OutputOptions } from "../output.ts";
import { endpointsOf, parsePlace } from "./peer-address.ts";
import { type ReachChoices, type ReachFlags, readReach } from "./reach.ts";
import { usage } from "./usage.ts";

export const TRANSPORTS = ["tcp", "utp"] as const;
export const ENCRYPTIONS = ["off", "prefer", "require"] as const;
export type TransportChoice = (typeof TRANSPORTS)[number];
export type EncryptionChoice = (typeof ENCRYPTIONS)[number];

/** On a free port. */
const EVERY_ADDRESS: Endpoint = { host: "::", port: 0 };

export type EngineFlags = OutputOptions &
  ReachFlags & {
    readonly peer: readonly string[];
    readonly listen?: string;
    readonly transport: string;
    readonly encryption: string;
    readonly dht: boolean;
    readonly dhtNode: readonly string[];
    readonly lsd: boolean;
    readonly pex: boolean;
    readonly trackers: boolean;
    readonly cert?: string;
    readonly key?: string;
    readonly limitDown?: string;
    readonly limitUp?: string;
  };

export type EngineChoices = {
  readonly peers: readonly Endpoint[];
  /** Empty: nobody is accepted. */
  readonly listen: readonly Endpoint[];
  readonly transports: readonly TransportChoice[];
  readonly encryption: EncryptionChoice;
  readonly discovery: {
    readonly dht: boolean;
    /** Where to begin in the hash table; empty: the public nodes. */
    readonly dhtNodes: readonly string[];
    readonly lsd: boolean;
    readonly pex: boolean;
    readonly trackers: boolean;
  };
  readonly certificate: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly limits: RateLimits;
  readonly reach: ReachChoices;
};

/** The options that both commands take. */
export function addEngineOptions(command: Command): Command {
  return command
    .option(
      "--peer <host:port>",
      "a peer to connect to; repeat for more",
      (value, before: string[]) => [...before, value],
      [],
    )
    .option(
      "--listen <place>",
      "where to accept peers: host:port, port 0 for a free one, [::] for every address, or none; default [::]:0, with --proxy none",
    )
    .option("--transport <names>", "tcp, utp or both, in the order in which they are tried", "tcp")
    .option("--encryption <policy>", "message stream encryption: off, prefer or require", "off")
    .option("--no-dht", "do not ask the distributed hash table for peers")
    .option(
      "--dht-node <host:port>",
      "where to begin in the hash table, instead of the public nodes; repeat for more",
      (value, before: string[]) => [...before, value],
      [],
    )
    .option("--no-lsd", "do not look for peers on the local network")
    .option("--no-pex", "do not exchange peers with peers")
    .option("--no-trackers", "do not ask the torrent's trackers")
    .option("--cert <pem>", "this peer's certificate for a closed swarm")
    .option("--key <pem>", "the certificate's private key")
    .option("--block-list <file>", "addresses never to talk to: CIDR, ranges, P2P or DAT format")
    .option("--allow-list <file>", "the only addresses to talk to")
    .option("--proxy <socks5>", "go through this SOCKS 5 proxy; only peers that are named or exchanged are then found")
    .option("--limit-down <rate>", "bytes a second at most, such as 500K")
    .option("--limit-up <rate>", "bytes a second at most, such as 500K");
}

export async function readChoices(flags: EngineFlags): Promise<EngineChoices> {
  const transports = flags.transport.split(",").map((name) => oneOf(TRANSPORTS, name.trim(), "--transport"));
  if ((flags.cert === undefined) !== (flags.key === undefined)) usage("--cert and --key go together");
  const down = rate(flags.limitDown, "--limit-down");
  const up = rate(flags.limitUp, "--limit-up");
  return {
    peers: (await Promise.all(flags.peer.map((text) => endpoints(text, "--peer", 1)))).flat(),
    listen: await readListen(flags),
    transports: [...new Set(transports)],
    encryption: oneOf(ENCRYPTIONS, flags.encryption, "--encryption"),
    discovery: {
      dht: flags.dht,
      dhtNodes: flags.dhtNode.map(dhtNode),
      lsd: flags.lsd,
      pex: flags.pex,
      trackers: flags.trackers,
    },
    certificate:
      flags.cert === undefined || flags.key === undefined ? undefined : { certFile: flags.cert, keyFile: flags.key },
    reach: await readReach(flags),
    limits: { ...(down === undefined ? {} : { down }), ...(up === undefined ? {} : { up }) },
  };
}

/** Whoever goes through a proxy does not want to be met around it, and nobody can be accepted through it. */
async function readListen({ listen, proxy }: EngineFlags): Promise<readonly Endpoint[]> {
  if (listen === "none") return [];
  if (listen === undefined) return proxy === undefined ? [EVERY_ADDRESS] : [];
  if (proxy !== undefined) {
    usage("--listen and --proxy do not go together, as nobody can be accepted through a proxy: leave --listen out");
  }
  return (await endpoints(listen, "--listen", 0)).slice(0, 1);
}

/** Its name is looked up when the node opens, and again when it has lost its way. */
function dhtNode(text: string): string {
  const place = parsePlace(text);
  return place !== undefined && place.port > 0 ? text : usage(`--dht-node takes HOST:PORT, not ${text}`);
}

function oneOf<T extends string>(choices: readonly T[], text: string, option: string): T {
  return choices.find((choice) => choice === text) ?? usage(`${option} takes ${choices.join(", ")}, not ${text}`);
}

function rate(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseBytes(text);
  if (bytes === undefined || bytes === 0) usage(`${option} takes a number of bytes a second such as 500K, not ${text}`);
  return bytes;
}

async function endpoints(text: string, option: string, portMin: number): Promise<readonly Endpoint[]> {
  const place = parsePlace(text);
  if (place === undefined || place.port < portMin) usage(`${option} takes HOST:PORT, not ${text}`);
  const found = await endpointsOf(place);
  if (found.length === 0) usage(`${option}: the name ${place.host} has no address`);
  return found;
}
