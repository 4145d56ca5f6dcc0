// Local service discovery (BEP 14): an announcement by multicast in the clothes of HTTP.

import { fromHex, toHex } from "../../base/bytes.ts";

export const LSD_PORT = 6771;
export const LSD_GROUPS = { 4: "239.192.152.143", 6: "ff15::efc0:988f" } as const;
/** A datagram of one Ethernet frame; nobody needs more. */
const LSD_BYTES_MAX = 1400;
/** A v1 hash is 40 characters; clients with many torrents put several into one datagram. */
const INFO_HASHES_MAX = 30;

export type LsdAnnounce = {
  readonly infoHashes: readonly Uint8Array[];
  /** Where the sender accepts peers; its address is that of the datagram. */
  readonly port: number;
  /** Lets a sender know its own announcements. */
  readonly cookie: string | undefined;
};

export function encodeLsdAnnounce({ infoHashes, port, cookie }: LsdAnnounce, family: 4 | 6): Uint8Array {
  const host = family === 4 ? LSD_GROUPS[4] : `[${LSD_GROUPS[6]}]`;
  const lines = ["BT-SEARCH * HTTP/1.1", `Host: ${host}:${LSD_PORT}`, `Port: ${port}`];
  for (const infoHash of infoHashes) lines.push(`Infohash: ${toHex(infoHash)}`);
  if (cookie !== undefined) lines.push(`cookie: ${cookie}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n\r\n`, "latin1");
}

/** undefined for anything that is not an announcement of at least one hash with a port. */
export function decodeLsdAnnounce(bytes: Uint8Array): LsdAnnounce | undefined {
  if (bytes.length > LSD_BYTES_MAX) return undefined;
  const [request, ...lines] = Buffer.from(bytes).toString("latin1").split("\r\n");
  if (request?.trim().toUpperCase() !== "BT-SEARCH * HTTP/1.1") return undefined;
  const infoHashes: Uint8Array[] = [];
  let port: number | undefined;
  let cookie: string | undefined;
  for (const line of lines) {
    const match = /^([A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    const value = match?.[2] ?? "";
    switch (match?.[1]?.toLowerCase()) {
      case "infohash": {
        const infoHash = value.length === 40 ? fromHex(value) : undefined;
        if (infoHash !== undefined && infoHashes.length < INFO_HASHES_MAX) infoHashes.push(infoHash);
        break;
      }
      case "port":
        if (/^\d{1,5}$/.test(value)) port = Number(value);
        break;
      case "cookie":
        cookie = value.slice(0, 64);
        break;
      default:
    }
  }
  if (infoHashes.length === 0 || port === undefined || port < 1 || port > 65_535) return undefined;
  return { infoHashes, port, cookie };
}
