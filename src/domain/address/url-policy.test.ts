import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { checkUrl, mayConnect, PUBLIC_ONLY, reachAfter } from "./url-policy.ts";

const ALL = ["http:", "https:", "udp:"] as const;
const INSIDE = { privateAddresses: true, loopback: true };

function refuses(why: string, ...urls: string[]): void {
  for (const url of urls) equal(checkUrl(url, ALL), why, JSON.stringify(url));
}

function connects(host: string, address: string, reach = PUBLIC_ONLY): boolean {
  return mayConnect({ host, literal: host === address }, address, reach);
}

test("a URL is taken apart", () => {
  deepEqual(checkUrl("http://T.example:6969/announce?x=1", ALL), {
    href: "http://t.example:6969/announce?x=1",
    scheme: "http:",
    host: "t.example",
    port: 6969,
    literal: false,
  });
  const v6 = checkUrl("udp://[2001:db8::1]:80/", ALL);
  truthy(typeof v6 === "object" && v6.host === "2001:db8::1" && v6.literal);
});

test("H82: decimal, hexadecimal, octal, short and mapped spellings of an address are refused", () => {
  refuses("address-spelling", "http://2130706433/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://127.1/");
  refuses("address-spelling", "http://[::ffff:127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/");
  refuses("address-spelling", "udp://2130706433:80", "udp://0x7f000001:80", "http://010.0.0.1/", "http://0xa9fea9fe/");
});

test("H82: internal addresses are refused for what came from outside, and link-local ones always", () => {
  for (const address of [
    "127.0.0.1",
    "::1",
    "10.0.0.1",
    "192.168.1.1",
    "fd00::1",
    "169.254.169.254",
    "0.0.0.0",
    "fe80::1",
  ]) {
    equal(connects(address, address), false, address);
  }
  const never = ["169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "255.255.255.255"];
  for (const address of [...never, "::7f00:1", "::a9fe:a9fe"]) {
    equal(connects(address, address, INSIDE), false, address);
  }
  truthy(connects("8.8.8.8", "8.8.8.8"));
  for (const address of ["127.0.0.1", "10.0.0.1", "::1"]) truthy(connects(address, address, INSIDE));
  truthy(connects("localhost", "127.0.0.1", INSIDE));
});

test("H83: a name that leads inside is refused however wide the reach, unless it is the institution's own", () => {
  equal(connects("evil.example", "10.0.0.1", INSIDE), false);
  equal(connects("evil.example", "127.0.0.1", INSIDE), false);
  equal(connects("evil.example", "::ffff:10.0.0.1", INSIDE), false);
  const own = { ...PUBLIC_ONLY, trustedHosts: new Set(["portal.campus.example"]) };
  truthy(connects("portal.campus.example", "10.0.0.1", own));
  equal(connects("portal.campus.example", "169.254.169.254", own), false);
});

test("H84: a redirect from outside never leads inside", () => {
  equal(reachAfter("8.8.8.8", INSIDE), PUBLIC_ONLY);
  equal(reachAfter("10.0.0.1", INSIDE), INSIDE);
});

test("H85: credentials in a URL are refused", () =>
  refuses("credentials", "http://user:pass@t.example/", "http://u@t/"));

test("H86: other schemes and line breaks are refused", () => {
  refuses("scheme", "file:///etc/passwd", "gopher://x/", "ftp://x/", "ws://x/", "javascript:1");
  refuses("control-character", "http://t.example/\r\nX: y", "http://t.example/a b", "http://t\u0000.example/");
  refuses("not-a-url", "", "t.example/announce", "http://");
  equal(checkUrl("udp://t.example:80", ["http:"]), "scheme");
});

test("H87: names that only look like ASCII are refused", () => {
  refuses("international-name", "http://ex\u0430mple.com/", "http://xn--exmple-4nf.com/", "http://a.XN--x.example/");
  refuses("international-name", "http://\uff11\uff12\uff17.0.0.1/", "http://t\u3002example/");
});
