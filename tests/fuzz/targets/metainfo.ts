// What a person brings in: torrent files, magnet links, lists of addresses.

import { parseIpList } from "../../../src/domain/address/ip-list-text.ts";
import { decode } from "../../../src/wire/bencode/decode.ts";
import { parseMagnet } from "../../../src/wire/metainfo/magnet.ts";
import { parseTorrent } from "../../../src/wire/metainfo/parse.ts";
import { infoHybrid, infoV1, infoV2, torrent } from "../../../src/wire/metainfo/sample-torrent.ts";
import type { FuzzTarget } from "../target.ts";

const text = (value: string) => new TextEncoder().encode(value);

export const BENCODE: FuzzTarget = {
  name: "bencode",
  seeds: () => [text("d1:ai1e1:bl1:xd1:yi-5eeee"), text("i9223372036854775807e"), text("le")],
  run(input) {
    const decoded = decode(input);
    return decoded.ok ? `ok ${typeof decoded.value}` : decoded.error.code;
  },
};

export const TORRENT: FuzzTarget = {
  name: "torrent",
  seeds: () => [torrent(infoV1()), torrent(infoV2()), torrent(infoHybrid())],
  run(input) {
    const parsed = parseTorrent(input);
    return parsed.ok
      ? `ok ${parsed.value.files.length}`
      : `${parsed.error.code} ${Object.keys(parsed.error.data).join()}`;
  },
};

export const MAGNET: FuzzTarget = {
  name: "magnet",
  seeds: () => [
    text(
      `magnet:?xt=urn:btih:${"ab".repeat(20)}&dn=name&tr=http%3A%2F%2Fa%2Fb&x.pe=1.2.3.4:5&so=0,2,4-6&ws=http://x/y`,
    ),
    text(`magnet:?xt=urn:btmh:1220${"cd".repeat(32)}`),
  ],
  run(input) {
    const parsed = parseMagnet(Buffer.from(input).toString("utf8"));
    return parsed.ok ? "ok" : parsed.error.code;
  },
};

export const IP_LIST: FuzzTarget = {
  name: "ip-list",
  seeds: () => [
    text("1.2.3.0/24\n2001:db8::/32\nName, inc: x:1.2.3.4-1.2.3.9\n001.002.003.004 - 001.002.003.009 , 000 , d\n"),
  ],
  run(input) {
    const parsed = parseIpList(Buffer.from(input).toString("latin1"));
    return `${parsed.list.rangeCount} ${parsed.refusedLines}`;
  },
};
