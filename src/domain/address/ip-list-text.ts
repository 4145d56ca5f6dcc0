// The text formats in which lists of addresses are passed around: CIDR and ranges, PeerGuardian's P2P, eMule's DAT.

import { IpList, type Ipv4Range, type Ipv6Range } from "./ip-list.ts";
import { parseIpv4, parseIpv6 } from "./ip-number.ts";

export type ParsedIpList = {
  readonly list: IpList;
  /** Lines that hold no address, the first few of them by number: a list that is cut or of another kind shows itself. */
  readonly refusedLines: number;
  readonly firstRefused: readonly number[];
};

const FIRST_REFUSED_MAX = 10;
/** eMule: ranges of this level and above are let through. */
const DAT_LEVEL_ALLOWED = 127;

/** The one before the addresses, and those within two IPv6 addresses. */
const COLONS_MAX = 15;

type Range = { readonly family: 4; readonly range: Ipv4Range } | { readonly family: 6; readonly range: Ipv6Range };

export function parseIpList(text: string): ParsedIpList {
  const ipv4: Ipv4Range[] = [];
  const ipv6: Ipv6Range[] = [];
  const firstRefused: number[] = [];
  let refusedLines = 0;
  let lineNumber = 0;
  for (let begin = 0; begin < text.length; ) {
    const newline = text.indexOf("\n", begin);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(begin, end).trim();
    begin = end + 1;
    lineNumber += 1;
    if (line === "" || line.startsWith("#") || line.startsWith(";") || line.startsWith("//")) continue;
    const parsed = parseLine(line);
    if (parsed === "skip") continue;
    if (parsed === undefined) {
      refusedLines += 1;
      if (firstRefused.length < FIRST_REFUSED_MAX) firstRefused.push(lineNumber);
    } else if (parsed.family === 4) ipv4.push(parsed.range);
    else ipv6.push(parsed.range);
  }
  return { list: new IpList(ipv4, ipv6), refusedLines, firstRefused };
}

function parseLine(line: string): Range | "skip" | undefined {
  const [addresses = "", level] = line.split(",", 2);
  // DAT: "first - last , level , description".
  if (level !== undefined && /^\s*\d+\s*$/.test(level) && Number(level) > DAT_LEVEL_ALLOWED) return "skip";
  const plain = parseAddresses(addresses);
  if (plain !== undefined) return plain;
  // P2P: "description:first-last"; the description may itself hold commas and colons.
  let colon = line.length;
  for (let tries = 0; tries < COLONS_MAX; tries++) {
    colon = colon === 0 ? -1 : line.lastIndexOf(":", colon - 1);
    if (colon < 0) return undefined;
    const range = parseAddresses(line.slice(colon + 1));
    if (range !== undefined) return range;
  }
  return undefined;
}

function parseAddresses(text: string): Range | undefined {
  const slash = text.indexOf("/");
  if (slash >= 0) return parseCidr(text.slice(0, slash).trim(), text.slice(slash + 1).trim());
  const dash = text.indexOf("-");
  const first = text.slice(0, dash < 0 ? text.length : dash).trim();
  const last = dash < 0 ? first : text.slice(dash + 1).trim();
  const [first4, last4] = [parseIpv4(first), parseIpv4(last)];
  if (first4 !== undefined && last4 !== undefined) {
    return first4 <= last4 ? { family: 4, range: { first: first4, last: last4 } } : undefined;
  }
  const [first6, last6] = [parseIpv6(first), parseIpv6(last)];
  if (first6 === undefined || last6 === undefined || first6 > last6) return undefined;
  return { family: 6, range: { first: first6, last: last6 } };
}

function parseCidr(address: string, prefix: string): Range | undefined {
  if (!/^\d{1,3}$/.test(prefix)) return undefined;
  const bits = Number(prefix);
  const ipv4 = parseIpv4(address);
  if (ipv4 !== undefined) {
    if (bits > 32) return undefined;
    const size = 2 ** (32 - bits);
    const first = Math.floor(ipv4 / size) * size;
    return { family: 4, range: { first, last: first + size - 1 } };
  }
  const ipv6 = parseIpv6(address);
  if (ipv6 === undefined || bits > 128) return undefined;
  const rest = (1n << BigInt(128 - bits)) - 1n;
  return { family: 6, range: { first: ipv6 & ~rest, last: ipv6 | rest } };
}
