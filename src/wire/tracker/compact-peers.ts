// Peers as rows of address and port: 6 bytes each for IPv4 (BEP 23), 18 for IPv6 (BEP 7). DHT and PEX use the same rows.

import type { Endpoint } from "../../domain/address/endpoint.ts";

export type AddressFamily = 4 | 6;

const ADDRESS_BYTES: Readonly<Record<AddressFamily, number>> = { 4: 4, 6: 16 };

export function rowBytes(family: AddressFamily): number {
  return ADDRESS_BYTES[family] + 2;
}

/** Undefined when the bytes are no whole rows (H70). Rows with port 0 or an unspecified address are left out. */
export function readCompactPeers(bytes: Uint8Array, family: AddressFamily): Endpoint[] | undefined {
  const row = rowBytes(family);
  if (bytes.length % row !== 0) return undefined;
  const peers: Endpoint[] = [];
  for (let at = 0; at < bytes.length; at += row) {
    const address = bytes.subarray(at, at + row - 2);
    const port = ((bytes[at + row - 2] ?? 0) << 8) | (bytes[at + row - 1] ?? 0);
    if (port !== 0 && address.some((byte) => byte !== 0)) peers.push({ host: addressText(address), port });
  }
  return peers;
}

/** The peers of the family; others are left out. */
export function writeCompactPeers(peers: readonly Endpoint[], family: AddressFamily): Uint8Array {
  const rows: number[] = [];
  for (const { host, port } of peers) {
    const address = addressBytes(host);
    if (address?.length === ADDRESS_BYTES[family]) rows.push(...address, port >> 8, port & 0xff);
  }
  return Uint8Array.from(rows);
}

/** 4 or 16 bytes as text, in the shortest form that `addressBytes` reads back. */
export function addressText(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((address[at] ?? 0) << 8) | (address[at + 1] ?? 0));
  const text = groups.map((group) => group.toString(16)).join(":");
  const [longest] = (text.match(/(?:^|:)0(?::0)+(?=:|$)/g) ?? []).sort((a, b) => b.length - a.length);
  return longest === undefined ? text : text.replace(longest, "::").replace(":::", "::");
}

/** The bytes of an IP literal; undefined for anything else. */
export function addressBytes(host: string): number[] | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(host)) {
    const parts = host.split(".").map(Number);
    return parts.every((part) => part <= 255) ? parts : undefined;
  }
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
