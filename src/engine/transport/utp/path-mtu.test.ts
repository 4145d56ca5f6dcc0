import assert from "node:assert/strict";
import { test } from "node:test";
import { PathMtu } from "./path-mtu.ts";

/** Searches a path that carries this much; returns the sizes that were tried. */
function search(mtu: PathMtu, carriesBytes: number): number[] {
  const tried: number[] = [];
  for (let bytes = mtu.probeBytes(); bytes !== undefined; bytes = mtu.probeBytes()) {
    mtu.probeSent();
    tried.push(bytes);
    if (bytes <= carriesBytes) mtu.probeArrived(bytes);
    else mtu.probeLost(bytes);
  }
  return tried;
}

test("plain Ethernet is found by the first probe, for either family", () => {
  for (const [family, bytes] of [
    [4, 1472],
    [6, 1452],
  ] as const) {
    const mtu = new PathMtu(family);
    assert.deepEqual(search(mtu, 1500), [bytes]);
    assert.equal(mtu.packetBytes, bytes);
  }
});

test("any narrower path is found within sixteen bytes by few probes, and never exceeded", () => {
  for (const [family, baseBytes, ceilingBytes] of [
    [4, 548, 1472],
    [6, 1232, 1452],
  ] as const) {
    for (let carriesBytes: number = baseBytes; carriesBytes < ceilingBytes; carriesBytes++) {
      const mtu = new PathMtu(family);
      const tried = search(mtu, carriesBytes);
      assert.ok(mtu.packetBytes <= carriesBytes && mtu.packetBytes > carriesBytes - 16, `${carriesBytes}`);
      // Each size that is too large is tried twice.
      assert.ok(tried.length <= 16, `${tried.length} probes for ${carriesBytes}`);
    }
  }
});

test("ordinary packets are never larger than what every path carries or what came through before", () => {
  for (const [family, bytes] of [
    [4, 548],
    [6, 1232],
  ] as const) {
    const mtu = new PathMtu(family);
    assert.equal(mtu.packetBytes, bytes);
    assert.ok((mtu.probeBytes() ?? 0) > bytes);
    mtu.probeSent();
    assert.equal(mtu.packetBytes, bytes);
  }
});

test("a probe that chance lost is sent once more before its size is given up", () => {
  const mtu = new PathMtu(4);
  mtu.probeSent();
  mtu.probeLost(1472);
  assert.equal(mtu.probeBytes(), 1472);
  mtu.probeSent();
  mtu.probeLost(1472);
  assert.equal(mtu.probeBytes(), 1232);
});

test("only one probe is out at a time", () => {
  const mtu = new PathMtu(4);
  assert.equal(mtu.probeBytes(), 1472);
  mtu.probeSent();
  assert.equal(mtu.probeBytes(), undefined);
});

test("a path that loses what came through before is searched again from the least", () => {
  const mtu = new PathMtu(4);
  search(mtu, 1400);
  mtu.blackHole();
  assert.equal(mtu.packetBytes, 548);
  search(mtu, 1000);
  assert.ok(mtu.packetBytes <= 1000 && mtu.packetBytes > 984, `${mtu.packetBytes}`);
});

test("timeouts on a path of which nothing is known yet do not end the search", () => {
  const mtu = new PathMtu(4);
  mtu.blackHole();
  search(mtu, 1500);
  assert.equal(mtu.packetBytes, 1472);
});
