import assert from "node:assert/strict";
import { test } from "node:test";
import { mayBeTold, scopeOf } from "./scope.ts";

test("addresses are public, private or never to be dialled on hearsay", () => {
  for (const host of ["8.8.8.8", "2a00:1450:4001::1"]) assert.equal(scopeOf(host), "public", host);
  for (const host of ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "::ffff:10.0.0.1"]) {
    assert.equal(scopeOf(host), "private", host);
  }
  const never = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0", "::"];
  const more = ["255.255.255.255", "240.0.0.1", "ff02::1", "64:ff9b::7f00:1", "localhost", "", "1.2.3.4.5"];
  // IPv4-compatible (RFC 4291, deprecated), and space that nobody has been given.
  const unassigned = ["::127.0.0.1", "::808:808", "::2", "4000::1", "8000::1"];
  for (const host of [...never, ...more, ...unassigned]) assert.equal(scopeOf(host), "never", host);
});

test("H62: a stranger's word about internal addresses is not taken, a neighbour's about the neighbourhood is", () => {
  assert.equal(mayBeTold("10.0.0.9", "8.8.8.8"), false);
  assert.equal(mayBeTold("10.0.0.9", "10.0.1.9"), false);
  assert.equal(mayBeTold("10.0.0.9", "10.0.0.7"), true);
  assert.equal(mayBeTold("127.0.0.1", "127.0.0.1"), false);
  assert.equal(mayBeTold("169.254.169.254", "169.254.169.1"), false);
  assert.equal(mayBeTold("fd00::9", "fd00::7"), true);
  assert.equal(mayBeTold("8.8.4.4", "10.0.0.7"), true);
});
