// IP addresses as bytes and as text. Both ways by hand, for they are made for every row of every list; the text is the one
// form of RFC 5952, because an endpoint's text is what peers are told apart by.

export type AddressFamily = 4 | 6;

export const ADDRESS_BYTES: Readonly<Record<AddressFamily, number>> = { 4: 4, 6: 16 };

/** IPv4 in IPv6's clothes (RFC 4291): ::ffff:0:0/96. */
const MAPPED_BYTES = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

export function familyOfHost(host: string): AddressFamily {
  return host.includes(":") ? 6 : 4;
}

/** 4 or 16 bytes as text; IPv4 in IPv6's clothes comes out as IPv4. */
export function addressText(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  if (MAPPED_BYTES.every((byte, n) => address[n] === byte)) return address.subarray(12).join(".");
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push((((address[at] ?? 0) << 8) | (address[at + 1] ?? 0)).toString(16));
  const { at, length } = longestZeros(groups);
  if (length < 2) return groups.join(":");
  return `${groups.slice(0, at).join(":")}::${groups.slice(at + length).join(":")}`;
}

/** The first of the longest runs. */
function longestZeros(groups: readonly string[]): { at: number; length: number } {
  let longest = { at: 0, length: 0 };
  for (let at = 0; at < groups.length; at++) {
    let end = at;
    while (groups[end] === "0") end++;
    if (end - at > longest.length) longest = { at, length: end - at };
    at = end;
  }
  return longest;
}

/** The bytes of an IP literal, without the zone behind a local one (`%eth0`); undefined for anything else. */
export function addressBytes(host: string): number[] | undefined {
  if (!host.includes(":")) return quadBytes(host);
  const address = host.replace(/%.*$/s, "");
  const [, before, quad] = /^(.*:)([\d.]+\.[\d.]+)$/.exec(address) ?? [];
  if (before === undefined || quad === undefined) return groupBytes(address);
  const last = quadBytes(quad);
  return last && groupBytes(`${before}0:0`)?.toSpliced(12, 4, ...last);
}

function quadBytes(text: string): number[] | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const parts = text.split(".").map(Number);
  return parts.every((part) => part <= 255) ? parts : undefined;
}

function groupBytes(host: string): number[] | undefined {
  if (!/^[0-9a-f:]{2,39}$/i.test(host)) return undefined;
  const [head = "", tail, more] = host.split("::");
  if (more !== undefined) return undefined;
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = 8 - left.length - right.length;
  if (tail === undefined ? gap !== 0 : gap < 1) return undefined;
  const groups = [...left, ...Array.from({ length: gap }, () => "0"), ...right];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
}
