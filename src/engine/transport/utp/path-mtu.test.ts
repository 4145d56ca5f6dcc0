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
  for (let carriesBytes = 1232; carriesBytes < 1472; carriesBytes++) {
    const mtu = new PathMtu(4);
    const tried = search(mtu, carriesBytes);
    assert.ok(mtu.packetBytes <= carriesBytes && mtu.packetBytes > carriesBytes - 16, `${carriesBytes}`);
    assert.ok(tried.length <= 6, `${tried.length} probes for ${carriesBytes}`);
  }
});

test("only one probe is out at a time", () => {
  const mtu = new PathMtu(4);
  assert.equal(mtu.probeBytes(), 1472);
  mtu.probeSent();
  assert.equal(mtu.probeBytes(), undefined);
});

test("a path that loses ordinary packets too is fallen back on, and searched again from there", () => {
  const mtu = new PathMtu(4);
  mtu.blackHole();
  assert.equal(mtu.packetBytes, 548);
  search(mtu, 1000);
  assert.ok(mtu.packetBytes <= 1000 && mtu.packetBytes > 984, `${mtu.packetBytes}`);
});
