// Every link type and every tunnel leads to the same flow: a DHT query is put into each, and must be found.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TunnelKind } from "../../src/wire/packet/segment.ts";
import { LINK } from "../../src/wire/pcap/link.ts";
import { codesOf, ENDS, linesOf } from "./conversation.ts";
import { bytesOf, type Ends, ethernet, half, ipv4, ipv6, joined, SIX_B, udp } from "./frames.ts";

const QUERY = bytesOf("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe");
const DATAGRAM = udp(ENDS, QUERY);
const PACKET = ipv4(ENDS, 17, DATAGRAM);
const PACKET6 = ipv6(17, DATAGRAM);
const word = (value: number): Uint8Array => joined(half(value >>> 16), half(value & 0xffff));
const zeros = (count: number): Uint8Array => new Uint8Array(count);
const little = (value: number): Uint8Array => half(((value & 0xff) << 8) | (value >>> 8));
const snap = joined(Uint8Array.from([0xaa, 0xaa, 3, 0, 0, 0]), half(0x0800), PACKET);
const wireless = joined(Uint8Array.from([0x88, 1]), zeros(24), snap);

const LINKS: Readonly<Record<string, readonly [number, Uint8Array]>> = {
  Ethernet: [LINK.ethernet, ethernet(0x0800, PACKET)],
  "Ethernet with IPv6": [LINK.ethernet, ethernet(0x86dd, PACKET6)],
  "802.3 with SNAP": [LINK.ethernet, ethernet(snap.length, snap)],
  "two VLAN tags": [LINK.ethernet, ethernet(0x88a8, joined(half(1), half(0x8100), half(2), half(0x0800), PACKET))],
  "two MPLS labels": [LINK.ethernet, ethernet(0x8847, joined(word(0x12000), word(0x13100), PACKET))],
  "an Ethernet pseudo-wire": [
    LINK.ethernet,
    ethernet(0x8847, joined(word(0x13100), word(0), ethernet(0x0800, PACKET))),
  ],
  PPPoE: [LINK.ethernet, ethernet(0x8864, joined(zeros(6), half(0x21), PACKET))],
  "raw IP": [LINK.raw, PACKET],
  "raw IPv6": [LINK.ipv6, PACKET6],
  loopback: [LINK.null, joined(Uint8Array.from([2, 0, 0, 0]), PACKET)],
  "OpenBSD loopback": [LINK.loop, joined(word(2), PACKET)],
  "Linux cooked": [LINK.linuxCooked, joined(zeros(14), half(0x0800), PACKET)],
  "Linux cooked 2": [LINK.linuxCooked2, joined(half(0x0800), zeros(18), PACKET)],
  PPP: [LINK.ppp, joined(Uint8Array.from([0xff, 3]), half(0x21), PACKET)],
  "PPP, compressed": [LINK.pppSerial, joined(Uint8Array.from([0x21]), PACKET)],
  "Cisco HDLC": [LINK.ciscoHdlc, joined(half(0x0f00), half(0x0800), PACKET)],
  "802.11": [LINK.wireless, wireless],
  radiotap: [LINK.radiotap, joined(Uint8Array.from([0, 0]), little(9), word(0x02000000), zeros(1), wireless)],
  prism: [LINK.prism, joined(word(0x44000000), Uint8Array.from([12, 0, 0, 0]), zeros(4), wireless)],
};

for (const [name, [linkType, frame]] of Object.entries(LINKS)) {
  test(`a flow is found in ${name}`, () => {
    assert.deepEqual(codesOf([frame], linkType), ["bt.dht_query"]);
  });
}

const teredoAddress = joined(Uint8Array.from([0x20, 1, 0, 0]), SIX_B.subarray(4));
const gtpHeader = joined(Uint8Array.from([0x30, 0xff]), half(PACKET.length), zeros(4));
const VXLAN = joined(word(0x08000000), word(0x00002a00));
const GENEVE = joined(half(0x0100), half(0x6558), word(0x00002a00), word(0x01020300));
const OUTSIDE: Readonly<Record<string, readonly [TunnelKind, Uint8Array]>> = {
  "4in4": ["ip", ipv4(ENDS, 4, PACKET)],
  "6in4": ["ip", ipv4(ENDS, 41, PACKET6)],
  "4in6": ["ip", ipv6(4, PACKET)],
  GRE: ["gre", ipv4(ENDS, 47, joined(half(0x2000), half(0x0800), word(5), PACKET))],
  "GRE with Ethernet": ["gre", ipv4(ENDS, 47, joined(half(0), half(0x6558), ethernet(0x0800, PACKET)))],
  PPTP: ["gre", ipv4(ENDS, 47, joined(half(0x3081), half(0x880b), word(0), word(0), word(0), half(0x21), PACKET))],
  "GTP-U": ["gtp-u", ipv4(ENDS, 17, udp({ ...ENDS, source: ["10.0.0.1", 2152] }, joined(gtpHeader, PACKET)))],
  Teredo: ["teredo", ipv4(ENDS, 17, udp({ ...ENDS, source: ["10.0.0.1", 3544] }, ipv6(17, DATAGRAM, teredoAddress)))],
  VXLAN: [
    "vxlan",
    ipv4(ENDS, 17, udp({ ...ENDS, source: ["10.0.0.1", 4789] }, joined(VXLAN, ethernet(0x0800, PACKET)))),
  ],
  Geneve: ["geneve", ipv4(ENDS, 17, udp(ENDS, joined(GENEVE, ethernet(0x86dd, PACKET6))))],
};

for (const [name, [kind, packet]] of Object.entries(OUTSIDE)) {
  test(`H175: a flow is found inside ${name}, and the tunnel around it is named`, () => {
    const line = linesOf([packet], LINK.raw).find(({ why }) => why.code === "bt.dht_query");
    assert.equal(line?.tunnel?.kind, kind);
    const [src, dst] = name === "4in6" ? ["2001:db8::1", "2001:db8::2"] : ["10.0.0.1", "198.51.100.7"];
    assert.deepEqual([line?.tunnel?.src, line?.tunnel?.dst], [src, dst]);
  });
}

test("H175: of tunnels in tunnels the outermost is named, and a flow beside them has none", () => {
  const outside: Ends = { source: ["192.0.2.1", 0], destination: ["192.0.2.2", 0] };
  const [inside, beside] = linesOf([ipv4(outside, 4, OUTSIDE["6in4"]?.[1] ?? zeros(0)), PACKET], LINK.raw);
  assert.deepEqual([inside?.tunnel?.src, inside?.tunnel?.proto], ["192.0.2.1", "ipip"]);
  assert.equal(beside?.tunnel, null);
});

test("H175: what only begins like VXLAN or Geneve carries nothing", () => {
  for (const header of [VXLAN, GENEVE]) {
    const padded = joined(header, ethernet(0x0800, PACKET), zeros(60));
    assert.ok(
      !codesOf([ipv4(ENDS, 17, udp({ ...ENDS, source: ["10.0.0.1", 4789] }, padded))], LINK.raw).includes(
        "bt.dht_query",
      ),
    );
  }
});

test("H175: IPv6 extension headers do not hide a flow", () => {
  const options = (next: number): Uint8Array => joined(Uint8Array.from([next, 0]), zeros(6));
  const packet = ipv6(
    0,
    joined(options(43), options(60), options(44), joined(Uint8Array.from([17, 0]), zeros(6)), DATAGRAM),
  );
  assert.deepEqual(codesOf([packet], LINK.raw), ["bt.dht_query"]);
});

test("H175: a datagram in fragments is judged whole, in any order of the fragments", () => {
  const first = ipv4(ENDS, 17, DATAGRAM.subarray(0, 24), 0x2000);
  const second = ipv4(ENDS, 17, DATAGRAM.subarray(24, 48), 0x2003);
  const last = ipv4(ENDS, 17, DATAGRAM.subarray(48), 6);
  assert.deepEqual(codesOf([last, first, second], LINK.raw), ["bt.dht_query"]);
});

test("H175: overlapping fragments are dropped as a whole", () => {
  const first = ipv4(ENDS, 17, DATAGRAM.subarray(0, 32), 0x2000);
  const overlapping = ipv4(ENDS, 17, DATAGRAM.subarray(24), 3);
  assert.deepEqual(codesOf([first, overlapping], LINK.raw), []);
});

test("a tunnel over UDP is itself a flow beside the one inside it", () => {
  const packet = OUTSIDE["GTP-U"]?.[1] ?? zeros(0);
  assert.deepEqual(
    linesOf([packet], LINK.raw).map((line) => line.srcPort),
    [2152, ENDS.source[1]],
  );
});
