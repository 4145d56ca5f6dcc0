// How far the bare engine may reach: lists of addresses to shun or to keep to, and a proxy to go through.

import { readFile } from "node:fs/promises";
import { Secret } from "../../base/secret.ts";
import { type AddressFilter, passesFilter } from "../../domain/address/address-filter.ts";
import type { Endpoint } from "../../domain/address/endpoint.ts";
import type { IpList } from "../../domain/address/ip-list.ts";
import { parseIpList } from "../../domain/address/ip-list-text.ts";
import type { Admission } from "../../engine/contract.ts";
import type { SocksProxy } from "../../engine/transport/socks/net.ts";
import { endpointsOf, parsePlace } from "./peer-address.ts";
import { usage } from "./usage.ts";

export type ReachFlags = { readonly blockList?: string; readonly allowList?: string; readonly proxy?: string };

export type ReachChoices = {
  readonly filter: AddressFilter | undefined;
  readonly proxy: SocksProxy | undefined;
};

export async function readReach(flags: ReachFlags): Promise<ReachChoices> {
  const block = await readList(flags.blockList, "--block-list");
  const allow = await readList(flags.allowList, "--allow-list");
  const isFree = block === undefined && allow === undefined;
  return {
    filter: isFree
      ? undefined
      : { ...(block === undefined ? {} : { block }), ...(allow === undefined ? {} : { allow }) },
    proxy: flags.proxy === undefined ? undefined : await readProxy(flags.proxy),
  };
}

/** Nobody on the block list, and only those on the allow list, whoever named them. */
export function filteredAdmission(filter: AddressFilter): Admission {
  const passes = ({ host }: Endpoint) => passesFilter(filter, host);
  return { mayDial: passes, mayAccept: passes, mayAnnounce: () => true };
}

async function readList(file: string | undefined, option: string): Promise<IpList | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, "latin1").catch(() => usage(`${option}: the file ${file} cannot be read`));
  const { list, refusedLines, firstRefused } = parseIpList(text);
  // A list that is misread in part blocks less than its owner thinks.
  if (refusedLines > 0)
    usage(`${option}: ${refusedLines} lines of ${file} hold no addresses, the first is ${firstRefused[0]}`);
  return list;
}

async function readProxy(text: string): Promise<SocksProxy> {
  const match = /^(?:socks5:\/\/)?(?:([^:@/]+):([^@/]*)@)?([^@/]+)\/?$/.exec(text);
  const place = parsePlace(match?.[3] ?? "");
  const [at] = place === undefined || place.port === 0 ? [] : await endpointsOf(place);
  // What was given is not repeated: it may hold a password.
  if (at === undefined) usage("--proxy takes HOST:PORT or socks5://NAME:PASSWORD@HOST:PORT");
  const [name, password] = [match?.[1], match?.[2]];
  if (name === undefined || password === undefined) return { at };
  return { at, login: { name: decoded(name), password: new Secret(decoded(password)) } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return usage("--proxy: a % in the name or password is written %25");
  }
}
