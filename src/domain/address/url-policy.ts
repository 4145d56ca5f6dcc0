// Which URLs from torrents may be asked, and at which addresses. A torrent comes from a stranger; its URLs must not become
// requests to the machines and services inside (server-side request forgery; libtorrent audit 2020 F1, #8781, #8814).

import ipaddr from "ipaddr.js";
import { scopeOf } from "./scope.ts";

export type UrlRefusal =
  | "not-a-url"
  | "scheme"
  | "control-character"
  | "credentials"
  | "international-name"
  | "address-spelling"
  | "port";

export type Scheme = "http:" | "https:" | "udp:";

export type CheckedUrl = {
  readonly href: string;
  readonly scheme: Scheme;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** The host is an address, not a name. */
  readonly literal: boolean;
};

const DEFAULT_PORTS: Readonly<Record<Scheme, number>> = { "http:": 80, "https:": 443, "udp:": 80 };

/** The URL's parts, or why it is never asked, wherever it leads. */
export function checkUrl(text: string, schemes: readonly Scheme[]): CheckedUrl | UrlRefusal {
  // H86: a line break would end the request line.
  if (/[\p{Cc}\s]/u.test(text)) return "control-character";
  const url = URL.parse(text);
  if (!url) return "not-a-url";
  const scheme = schemes.find((one) => one === url.protocol);
  if (!scheme) return "scheme";
  if (url.username !== "" || url.password !== "") return "credentials";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const written = writtenHost(text);
  // H87: a Cyrillic "а" looks like a Latin one. Trackers and mirrors have ASCII names.
  if (/[^\0-\x7f]/.test(written) || /(^|\.)xn--/i.test(host)) return "international-name";
  const literal = ipaddr.isValid(host);
  // H82: 2130706433, 0x7f.1, 0177.0.0.1 and ::ffff:127.0.0.1 are all spellings of 127.0.0.1 that slip past lists.
  if (literal && !isPlainSpelling(host, written)) return "address-spelling";
  if (host === "" || (!literal && scheme === "udp:" && /^[\d.]+$|^0x/i.test(host))) return "address-spelling";
  const port = url.port === "" ? DEFAULT_PORTS[scheme] : Number(url.port);
  return port === 0 ? "port" : { href: url.href, scheme, host, port, literal };
}

/** The host as the text has it, before the URL parser made it canonical. */
function writtenHost(text: string): string {
  const authority = /^[a-z]+:\/*([^/?#\\]*)/i.exec(text)?.[1] ?? "";
  return authority.replace(/:\d*$/, "").replace(/^\[|\]$/g, "");
}

function isPlainSpelling(host: string, written: string): boolean {
  if (ipaddr.IPv4.isValid(host)) return ipaddr.IPv4.isValidFourPartDecimal(written) && host === written;
  // IPv6 forms that carry an IPv4 address: mapped, NAT64, 6to4, Teredo.
  const range = ipaddr.IPv6.parse(host).range();
  return !["ipv4Mapped", "rfc6145", "rfc6052", "6to4", "teredo"].includes(range);
}

export type Reach = {
  /** URLs that name a private address, such as 10.0.0.5, may be asked. */
  readonly privateAddresses: boolean;
  /** URLs that name 127.0.0.1, ::1 or localhost may be asked. */
  readonly loopback: boolean;
  /** Hosts of the institution itself, as URLs spell them: they may have internal addresses. */
  readonly trustedHosts?: ReadonlySet<string>;
};

/** For torrents that came from outside. */
export const PUBLIC_ONLY: Reach = { privateAddresses: false, loopback: false };

/**
 * Whether a connection for the URL may go to this address. A *name* that leads to an internal address is refused however
 * wide the reach is, unless the host is trusted: the answer of a name changes at the will of whoever owns it (H83).
 */
export function mayConnect(url: Pick<CheckedUrl, "host" | "literal">, address: string, reach: Reach): boolean {
  if (!ipaddr.isValid(address)) return false;
  if (scopeOf(address) === "public") return true;
  const trusted = reach.trustedHosts?.has(url.host) === true;
  const named = url.literal || trusted;
  if (scopeOf(address) === "private") return named && (trusted || reach.privateAddresses);
  const isLoopback = ipaddr.process(address).range() === "loopback";
  return isLoopback && (trusted || (reach.loopback && (url.literal || url.host === "localhost")));
}

/** Where a redirect from `address` may lead: what is outside never leads inside (H84). */
export function reachAfter(address: string, reach: Reach): Reach {
  return scopeOf(address) === "public" ? PUBLIC_ONLY : reach;
}
