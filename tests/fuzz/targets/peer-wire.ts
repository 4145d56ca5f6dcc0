// What a peer sends over an open connection.

import { toHex } from "../../../src/base/bytes.ts";
import { decodeDontHave, encodeDontHave } from "../../../src/wire/peer/dont-have-message.ts";
import { decodeExtendedHandshake, encodeExtendedHandshake } from "../../../src/wire/peer/extended-handshake.ts";
import { FrameReader } from "../../../src/wire/peer/frame-reader.ts";
import { decodeHandshake } from "../../../src/wire/peer/handshake.ts";
import { decodeHolepunch, encodeHolepunch } from "../../../src/wire/peer/holepunch-message.ts";
import { decodeMessage } from "../../../src/wire/peer/message.ts";
import { decodeMetadataMessage, encodeMetadataMessage } from "../../../src/wire/peer/metadata-message.ts";
import { decodePexMessage, encodePexMessage } from "../../../src/wire/peer/pex-message.ts";
import type { FuzzTarget } from "../target.ts";

const FLAGS = { prefersEncryption: true, isSeed: true, speaksUtp: true, speaksHolepunch: false, isReachable: true };

export const PEER_WIRE: FuzzTarget = {
  name: "peer-wire",
  seeds: () =>
    [
      "00000000",
      "0000000101",
      "000000050400000007",
      "0000000d06000000010000400000004000",
      "0000000a0700000001000000004142",
      "0000000c14006465313a6d646565",
      "00000003140161",
    ].map((hex) => new Uint8Array(Buffer.from(hex, "hex"))),
  run(input) {
    const seen: string[] = [];
    const block = Buffer.alloc(16 * 1024);
    const reader = new FrameReader({
      blockBegins: (_piece, _begin, lengthBytes) => block.subarray(0, lengthBytes),
      blockEnds: () => seen.push("block"),
      message: (body) => {
        const decoded = decodeMessage(body);
        seen.push(decoded.ok ? `id${body[0]}` : decoded.error);
      },
      keepAlive: () => seen.push("alive"),
      fault: (why) => seen.push(why),
    });
    // In two parts, so that every place where a frame can be cut is met.
    const cut = (input[0] ?? 0) % (input.length + 1);
    reader.push(Buffer.from(input.subarray(0, cut)));
    reader.push(Buffer.from(input.subarray(cut)));
    return seen.slice(0, 3).join(" ");
  },
};

export const HANDSHAKE: FuzzTarget = {
  name: "handshake",
  seeds: () => [
    new Uint8Array(Buffer.concat([Buffer.from("\u{13}BitTorrent protocol", "latin1"), Buffer.alloc(48, 1)])),
  ],
  run(input) {
    const decoded = decodeHandshake(input);
    return decoded.ok ? "handshake" : decoded.error;
  },
};

export const EXTENDED: FuzzTarget = {
  name: "extended-handshake",
  seeds: () => [
    encodeExtendedHandshake({
      ids: new Map([
        ["ut_metadata", 1],
        ["ut_pex", 2],
      ]),
      client: "a client",
      port: 6881,
      requestsMax: 250,
      metadataBytes: 1000,
      uploadOnly: true,
      yourAddress: "2a00::1",
    }),
  ],
  run(input) {
    const decoded = decodeExtendedHandshake(input);
    if (!decoded.ok) return decoded.error;
    const { ids, client, port, requestsMax, metadataBytes, yourAddress } = decoded.value;
    const absent = [port, requestsMax, metadataBytes, yourAddress].map((value) => value === undefined);
    return [ids.size, client?.length, ...absent].join(" ");
  },
};

export const METADATA: FuzzTarget = {
  name: "metadata-message",
  seeds: () => [
    encodeMetadataMessage({ type: "request", piece: 3 }),
    encodeMetadataMessage({ type: "data", piece: 1, totalBytes: 20_000, data: new Uint8Array(20) }),
    encodeMetadataMessage({ type: "reject", piece: 1 }),
  ],
  run(input) {
    const decoded = decodeMetadataMessage(input);
    return decoded.ok ? String(decoded.value?.type) : decoded.error;
  },
};

export const PEX: FuzzTarget = {
  name: "pex",
  seeds: () => [
    encodePexMessage({
      added: [
        { endpoint: { host: "8.8.8.8", port: 1 }, flags: FLAGS },
        { endpoint: { host: "2a00::1", port: 2 }, flags: FLAGS },
      ],
      dropped: [{ host: "8.8.4.4", port: 3 }],
    }),
  ],
  run(input) {
    const decoded = decodePexMessage(input);
    if (!decoded.ok) return decoded.error;
    const { added, dropped } = decoded.value;
    // What was read can be told on.
    return `${added.length} ${dropped.length} ${encodePexMessage(decoded.value).length}`;
  },
};

export const HOLEPUNCH: FuzzTarget = {
  name: "holepunch",
  seeds: () => [
    encodeHolepunch({ type: "rendezvous", endpoint: { host: "8.8.8.8", port: 1 } }),
    encodeHolepunch({ type: "error", endpoint: { host: "2a00::1", port: 1 }, error: "no-self" }),
  ],
  run(input) {
    const message = decodeHolepunch(input);
    return message === undefined ? "none" : `${message.type} ${toHex(encodeHolepunch(message)).length}`;
  },
};

export const DONT_HAVE: FuzzTarget = {
  name: "dont-have",
  seeds: () => [encodeDontHave(0), encodeDontHave(0xffff_ffff)],
  run(input) {
    const piece = decodeDontHave(input);
    return piece === undefined ? "none" : `piece of ${piece.toString(2).length} bits`;
  },
};
