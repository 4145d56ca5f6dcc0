// What trackers and nodes of the hash table say.

import { encode } from "../../../src/wire/bencode/encode.ts";
import { readDhtMessage, writeQuery, writeReply } from "../../../src/wire/dht/krpc.ts";
import { readAnnounceReply, readScrapeReply } from "../../../src/wire/tracker/http-tracker.ts";
import { readUdpReply } from "../../../src/wire/tracker/udp-tracker.ts";
import type { FuzzTarget } from "../target.ts";

const ID = new Uint8Array(20).fill(0x41);
const TRANSACTION = Uint8Array.of(1, 2);
const PEER = { host: "10.0.0.1", port: 6881 };
const ROW = Uint8Array.of(10, 0, 0, 1, 26, 225);

const AUTHOR = { key: new Uint8Array(32), salt: ID, sequence: 4, signature: new Uint8Array(64) };
const ITEM = { value: encode({ a: [1, "b"] }), mutable: AUTHOR };

export const HTTP_TRACKER: FuzzTarget = {
  name: "http-tracker",
  seeds: () => [
    encode({ interval: 1800, "min interval": 60, complete: 1, incomplete: 2, peers: ROW, peers6: new Uint8Array(18) }),
    encode({ interval: 5, peers: [{ ip: "10.0.0.1", port: 1 }], "warning message": "w" }),
    encode({ "failure reason": "no", "retry in": "never" }),
    encode({ files: new Map([[Buffer.from(ID).toString("latin1"), { complete: 1, downloaded: 2, incomplete: 3 }]]) }),
  ],
  run(input) {
    return `${readAnnounceReply(input).kind} ${readScrapeReply(input, ID).kind}`;
  },
};

export const UDP_TRACKER: FuzzTarget = {
  name: "udp-tracker",
  seeds: () => [
    Buffer.concat([Buffer.alloc(16)]),
    Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.alloc(16), ROW]),
    Buffer.concat([Buffer.from([0, 0, 0, 2]), Buffer.alloc(16)]),
    Buffer.concat([Buffer.from([0, 0, 0, 3]), Buffer.alloc(4), Buffer.from("no")]),
  ],
  run(input) {
    return `${readUdpReply(input, 4)?.kind} ${readUdpReply(input, 6)?.kind}`;
  },
};

export const DHT: FuzzTarget = {
  name: "dht",
  seeds: () => {
    const about = { kind: "query", transaction: TRANSACTION, id: ID, readOnly: false } as const;
    return [
      writeQuery({ ...about, method: "ping" }),
      writeQuery({ ...about, method: "find_node", target: ID, want: [4, 6] }),
      writeQuery({ ...about, method: "announce_peer", target: ID, token: TRANSACTION, port: 1 }),
      writeQuery({ ...about, method: "get", target: ID, want: [4], newerThan: 3 }),
      writeQuery({ ...about, method: "put", token: TRANSACTION, item: ITEM, compare: 3 }),
      writeQuery({
        ...about,
        method: "put",
        token: TRANSACTION,
        item: { ...ITEM, mutable: undefined },
        compare: undefined,
      }),
      writeReply({
        kind: "reply",
        transaction: TRANSACTION,
        id: ID,
        token: TRANSACTION,
        seenAs: PEER,
        nodes: [{ id: ID, endpoint: PEER }],
        values: [PEER],
        item: ITEM,
      }),
    ];
  },
  run(input) {
    const message = readDhtMessage(input);
    if (message?.kind === "query") return `${message.method} ${writeQuery(message).length > 0}`;
    if (message?.kind === "reply" && message.item) return `item ${writeReply(message).length > 0}`;
    if (message?.kind === "misfit") return message.error;
    if (message?.kind === "reply") return `reply ${message.nodes.length} ${message.values.length}`;
    return message?.kind ?? "dropped";
  },
};
