import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { toHex } from "../../base/bytes.ts";
import { type Magnet, sayIgnored } from "../../domain/metainfo/magnet.ts";
import { formatMagnet, isMagnet, parseMagnet } from "./magnet.ts";

const V1 = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a";
const V2 = "95e04d0c4bad94ab206efa884666fd89777dbe4f7bd9945af1829037a85c6192";

function accepted(text: string): Magnet {
  const parsed = parseMagnet(text);
  truthy(parsed.ok, text);
  return parsed.value;
}

function refuses(...links: string[]): void {
  for (const link of links) equal(parseMagnet(link).ok, false, link.slice(0, 200));
}

test("hexadecimal, base32 and multihash name the torrent", () => {
  equal(toHex(accepted(`magnet:?xt=urn:btih:${V1.toUpperCase()}`).infoHashV1 ?? new Uint8Array()), V1);
  const base32 = accepted("magnet:?xt=urn:btih:YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK");
  equal(toHex(base32.infoHashV1 ?? new Uint8Array()), V1);
  const both = accepted(`magnet:?xt=urn:btih:${V1}&xt=urn:btmh:1220${V2}`);
  equal(toHex(both.infoHashV2 ?? new Uint8Array()), V2);
  equal(accepted(`magnet:?xt.1=urn:btmh:1220${V2}`).infoHashV1, undefined);
});

test("name, trackers, web seeds, peers and file selection are read", () => {
  const magnet = accepted(
    `magnet:?xt=urn:btih:${V1}&dn=Some+name%21&tr=udp%3A%2F%2Ft.example%3A80&tr.2=http://b.example/a&tr=ws://x&ws=https://w.example/f` +
      "&x.pe=10.77.0.2:6881&x.pe=[2001:db8::1]:6881&x.pe=nonsense&x.pe=h:0&so=0,2,4-7",
  );
  equal(magnet.displayName, "Some name!");
  deepEqual(magnet.trackers, ["udp://t.example:80", "http://b.example/a"]);
  deepEqual(magnet.webSeeds, ["https://w.example/f"]);
  deepEqual(magnet.peers, [
    { host: "10.77.0.2", port: 6881 },
    { host: "2001:db8::1", port: 6881 },
  ]);
  deepEqual(magnet.selectOnly, [
    { first: 0, last: 0 },
    { first: 2, last: 2 },
    { first: 4, last: 7 },
  ]);
});

test("a link that names no torrent, or two, is refused", () => {
  const other = V1.replace("c", "d");
  refuses("", "http://x", "magnet:?", "magnet:?dn=x", `magnet:xt=urn:btih:${V1}`, "magnet:?xt=urn:sha1:AAAA");
  refuses(
    `magnet:?xt=urn:btih:${V1}&xt=urn:btih:${other}`,
    `magnet:?xt=urn:btih:${V1}0`,
    `magnet:?xt=urn:btih:${V1.slice(1)}`,
  );
  refuses(`magnet:?xt=urn:btmh:1114${V2}`, `magnet:?xt=urn:btmh:${V2}`);
});

test("a link with line breaks, absurd length or a hash that is not encoded rightly is refused", () => {
  const link = `magnet:?xt=urn:btih:${V1}`;
  refuses(`${link}&dn=a\nb`, `${link}&dn=${"x".repeat(70_000)}`);
  refuses(`${link}&xt=%zz`, `magnet:?xt=urn:btih:${V1}%2`, `magnet:?xt.1=%ff`);
});

test("a field that the content does not hang on is left out when it is wrong, the others count, and it is told", () => {
  const link = `magnet:?xt=urn:btih:${V1}&tr=http://t.example/a`;
  const told = (fields: string) => accepted(`${link}&${fields}`).ignored.map(({ field, why }) => `${field} ${why}`);
  deepEqual(told("dn=%ff"), ["dn not-encoded"]);
  deepEqual(told("tr=%zz&tr.3=%2&tr=x"), ["tr not-encoded", "tr no-url"]);
  deepEqual(told("ws=%zz&ws=http://"), ["ws not-encoded", "ws no-url"]);
  deepEqual(told("x.pe=garbage&x.pe=a:0&x.pe=%c3"), ["x.pe not-encoded", "x.pe no-peer"]);
  for (const choice of ["3-1", "a", "99999999999", `${"1,".repeat(10_000)}1`]) {
    deepEqual(told(`so=${choice}`), ["so no-file-list"]);
    equal(accepted(`${link}&so=${choice}`).selectOnly, undefined);
  }
  const { trackers, peers } = accepted(`${link}&tr=%zz&tr=udp://b.example:1&x.pe=:&x.pe=h:1`);
  deepEqual(trackers, ["http://t.example/a", "udp://b.example:1"]);
  deepEqual(peers, [{ host: "h", port: 1 }]);
});

test("what nobody reads, and kinds of URLs that we do not speak, are passed over in silence", () => {
  deepEqual(accepted(`magnet:?xt=urn:btih:${V1}&x.foo=%zz&kt=%ff&tr=wss://t.example&tr=&so=`).ignored, []);
  equal(
    sayIgnored({ field: "tr", why: "no-url" }),
    "Part of the magnet link cannot be used: tr= is no URL and was left out.",
  );
});

test("what is written is read back the same", () => {
  const magnet = accepted(
    `magnet:?xt=urn:btih:${V1}&xt=urn:btmh:1220${V2}&dn=a%26b%20%C3%BC&tr=udp://t.example:80&ws=https://w.example/f` +
      "&x.pe=[2001:db8::1]:1&x.pe=h.example:2&so=0-3,9",
  );
  deepEqual(accepted(formatMagnet(magnet)), magnet);
});

test("arbitrary text behind the prefix never throws", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
      parseMagnet(`magnet:?xt=urn:btih:${V1}&${text}`);
      parseMagnet(text);
    }),
    { numRuns: 2_000 },
  );
  truthy(isMagnet(" MAGNET:?x"));
});
