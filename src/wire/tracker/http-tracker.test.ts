import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type BencodeInput, encode } from "../bencode/encode.ts";
import { announceUrl, queryBytes, readAnnounceReply, readScrapeReply, scrapeUrl } from "./http-tracker.ts";

const HASH = Uint8Array.from({ length: 20 }, (_, n) => n * 13);
const REQUEST = {
  infoHash: HASH,
  peerId: Buffer.from("-SW0100-abcdefghijkl"),
  port: 6881,
  bytesUp: 1,
  bytesDown: 2,
  bytesLeft: 3,
  event: "started",
  peersWanted: 50,
  key: 0xab,
} as const;

test("the hash is bytes: each that is not unreserved is escaped", () => {
  const url = announceUrl("http://t.example/a?passkey=1", REQUEST);
  equal(
    url,
    "http://t.example/a?passkey=1&info_hash=%00%0d%1a%274AN%5bhu%82%8f%9c%a9%b6%c3%d0%dd%ea%f7&peer_id=-SW0100-abcdefghijkl" +
      "&port=6881&uploaded=1&downloaded=2&left=3&compact=1&no_peer_id=1&numwant=50&key=000000ab&event=started",
  );
  deepEqual(queryBytes(url.slice(url.indexOf("?") + 1), "info_hash"), Buffer.from(HASH));
  equal(queryBytes("info_hash=%zz", "info_hash"), undefined);
});

test("the scrape URL replaces the last announce, and without one there is none", () => {
  const url = (base: string) => scrapeUrl(base, new Uint8Array(1))?.replace("info_hash=%00", "…");
  equal(url("http://t.example/x/announce.php?k=1"), "http://t.example/x/scrape.php?k=1&…");
  equal(url("http://t.example/announce"), "http://t.example/scrape?…");
  equal(url("http://t.example/a"), undefined);
  equal(url("http://t.example/announce/x"), undefined);
});

test("a compact reply and one with dictionaries are read", () => {
  const peers = Uint8Array.of(10, 0, 0, 1, 0x1a, 0xe1);
  const peers6 = Uint8Array.from([0x20, 1, 0xd, 0xb8, ...Buffer.alloc(11), 1, 0, 80]);
  const compact = readAnnounceReply(
    encode({ complete: 3, incomplete: 4, interval: 1800, "min interval": 60, peers, peers6 }),
  );
  deepEqual(compact, {
    kind: "reply",
    reply: {
      peers: [
        { host: "10.0.0.1", port: 6881 },
        { host: "2001:db8::1", port: 80 },
      ],
      named: [],
      intervalSeconds: 1800,
      minIntervalSeconds: 60,
      seeders: 3,
      leechers: 4,
      warning: undefined,
    },
  });
  const listed = readAnnounceReply(
    encode({ interval: 5, peers: [{ ip: "10.0.0.1", port: 1 }, { ip: "seed.example", port: 2 }, 7] }),
  );
  deepEqual(listed.kind === "reply" && listed.reply.peers, [{ host: "10.0.0.1", port: 1 }]);
  deepEqual(listed.kind === "reply" && listed.reply.named, [{ name: "seed.example", port: 2 }]);
});

test("what can be no host's name is no named peer", () => {
  const hosts = ["a b", "a/b", "a@b", "a?b", "", "\u0430.example", "a".repeat(254), "x\n"];
  const peers = [
    ...hosts.map((ip) => ({ ip, port: 1 })),
    { ip: "a.example", port: 0 },
    { ip: "a.example", port: 65_536 },
  ];
  const listed = readAnnounceReply(encode({ interval: 5, peers }));
  deepEqual(listed.kind === "reply" && listed.reply.named, []);
});

test("a refusal keeps the tracker's words, made printable, and when to come back", () => {
  const refused = (fields: Record<string, string | number>) =>
    readAnnounceReply(encode({ "failure reason": "no\u001b[31m", ...fields }));
  deepEqual(refused({}), { kind: "refused", message: "no\ufffd[31m", retrySeconds: undefined });
  deepEqual(refused({ "retry in": 5 }), { kind: "refused", message: "no\ufffd[31m", retrySeconds: 300 });
  deepEqual(refused({ "retry in": "never" }), { kind: "refused", message: "no\ufffd[31m", retrySeconds: "never" });
});

test("a refusal in another encoding is told as far as it can be read, and an empty one is told as such", () => {
  const told = (reason: BencodeInput) => {
    const word = readAnnounceReply(encode({ "failure reason": reason }));
    return word.kind === "refused" && word.message;
  };
  equal(told(Buffer.from("non enregistré", "latin1")), "non enregistr\u{FFFD}");
  for (const reason of ["", " \r\n", 5]) equal(told(reason), "no reason given");
});

test("a reply without an interval, or with the line end of a script behind it, is good", () => {
  const silent = readAnnounceReply(encode({ peers: "123456" }));
  equal(silent.kind === "reply" && silent.reply.intervalSeconds, 1_800);
  const ended = Buffer.concat([encode({ interval: 5, peers: "123456" }), Buffer.from("\r\n\n")]);
  equal(readAnnounceReply(ended).kind, "reply");
  equal(readAnnounceReply(Buffer.concat([ended, Buffer.from("x")])).kind, "malformed");
});

test("H81: a malformed reply is discarded", () => {
  const cases = [
    Buffer.from("<html>"),
    encode([]),
    encode({}),
    encode({ interval: -1, peers: "" }),
    encode({ interval: "x", peers: "" }),
    encode({ interval: 5, peers: "12345" }),
    encode({ interval: 5, peers: 5 }),
    encode({ interval: 5, peers: "", peers6: "123456" }),
    new Uint8Array(2_000_000),
  ];
  for (const bytes of cases) equal(readAnnounceReply(bytes).kind, "malformed");
  const good = encode({ interval: 5, peers: "123456" });
  for (let cut = 0; cut < good.length; cut++) equal(readAnnounceReply(good.subarray(0, cut)).kind, "malformed");
});

test("a scrape reply is read for our torrent alone", () => {
  const files = new Map([[Buffer.from(HASH).toString("latin1"), { complete: 1, downloaded: 2, incomplete: 3 }]]);
  const bytes = encode({ files });
  deepEqual(readScrapeReply(bytes, HASH), { kind: "reply", reply: { seeders: 1, leechers: 3, downloads: 2 } });
  equal(readScrapeReply(bytes, new Uint8Array(20)).kind, "malformed");
});

test("arbitrary replies never throw", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void readAnnounceReply(bytes)));
});
