// Whether others can call this computer, proven by the portal's calling back; and if not, what stands in the way.

import { networkInterfaces } from "node:os";
import { type Endpoint, formatEndpoint } from "../../domain/address/endpoint.ts";
import { nextOf, sentenceOf } from "../../domain/errors/table.ts";
import { Reach, type ReachOutcome } from "../../wire/api/v1/reach.ts";
import { ROUTES } from "../../wire/api/v1/routes.ts";
import type { Check } from "../../wire/local/status.ts";
import { KNOCK_SECRET_BYTES } from "../../wire/reach/knock.ts";
import type { Entropy } from "../../world/entropy.ts";
import { bad, good } from "../check.ts";
import type { NodeCore } from "../core.ts";
import type { PortalClient } from "../portal/client.ts";
import type { KnockDoor } from "./door.ts";

export type ReachParts = {
  readonly core: NodeCore;
  readonly client: PortalClient;
  readonly door: KnockDoor;
  readonly entropy: Entropy;
};

const NAME = "reachable";

/**
 * Nothing to prove without an active grant, and nothing to call where no port is open (said by its own check). A device
 * that only downloads does the calling itself: for it an obstacle is told and is no fault.
 */
export async function checkReach({ core, client, door, entropy }: ReachParts): Promise<Check[]> {
  const nowSeconds = core.keeper.nowMs() / 1000;
  const grants = core.keeper.held().filter(({ claims }) => claims.nbf <= nowSeconds && nowSeconds < claims.exp);
  const [place] = core.engine.listening();
  if (place === undefined || grants.length === 0) return [];
  const what = `Other members of a swarm reach port ${place.port}, called back by the portal.`;
  const secret = entropy.bytes(KNOCK_SECRET_BYTES);
  using _answering = door.expect(secret);
  const { method, path } = ROUTES.reachDevice;
  const json = { port: place.port, secret: Buffer.from(secret).toString("base64url") };
  const told = await client.call({ method, path, json }, Reach);
  if (!told.ok) return [bad(NAME, what, sentenceOf(told.error), nextOf(told.error))];
  const { address, tcp, udp } = told.value;
  if (tcp === "answered" && udp === "answered") return [good(NAME, `${what} (${address}, TCP and UDP)`)];
  const shares = grants.some(({ claims }) => claims.dir === "share");
  const found = { place, address, isOwn: isOwnAddress(address) };
  // A port that only one of the two reaches works, and less well: uTP keeps the line free for others.
  const stopped = tcp === "answered" ? obstacle(what, "UDP", udp, found) : obstacle(what, "TCP", tcp, found);
  return [shares ? stopped : good(NAME, `Downloads do without being called. ${stopped.why}`)];
}

type Found = {
  readonly place: Endpoint;
  readonly address: string;
  readonly isOwn: boolean;
};

function obstacle(what: string, protocol: "TCP" | "UDP", outcome: ReachOutcome, found: Found): Check {
  const called = formatEndpoint({ host: found.address, port: found.place.port });
  const { because, next } = remedy(outcome, found);
  const why = `The portal called ${called} over ${protocol}: ${WHAT_CAME[outcome]}. ${because}`;
  return bad(NAME, what, why, `${next} Until then nobody can fetch what you share.`);
}

const WHAT_CAME: Readonly<Record<ReachOutcome, string>> = {
  answered: "this computer answered",
  stranger: "something answered that is not this node",
  refused: "the call was refused",
  silent: "no answer came",
  "no-route": "it has no way there",
};

function remedy(outcome: ReachOutcome, { place, isOwn, address }: Found): { because: string; next: string } {
  if (place.host === "127.0.0.1" || place.host === "::1") {
    return {
      because: `The node listens on ${place.host} only, which no other computer reaches.`,
      next: `Start it with --listen 0.0.0.0:${place.port}.`,
    };
  }
  if (!isOwn) {
    return {
      because: `${address} is no address of this computer: a router that translates addresses (NAT) or a proxy stands in between.`,
      next: `Forward port ${place.port}, TCP and UDP, on that router to this computer.`,
    };
  }
  if (outcome === "no-route") {
    return { because: "The portal's network has no route to this one.", next: "Ask whoever runs the network." };
  }
  if (outcome === "stranger") {
    return {
      because: "Another program holds the port, or a device in between answers.",
      next: "Choose another --listen port.",
    };
  }
  return {
    because: "The node listens, so a firewall stops the call, on this computer or on the way.",
    next: `Open port ${place.port}, TCP and UDP: \`swarmgate firewall rules --port ${place.port}\` writes the least that is needed.`,
  };
}

function isOwnAddress(address: string): boolean {
  const own = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return own.some((one) => one.address.toLowerCase() === address);
}
