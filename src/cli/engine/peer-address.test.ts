import { deepEqual, equal, ok as truthy } from "node:assert/strict";
import { test } from "node:test";
import { endpointsOf, isLiteral, parsePlace } from "./peer-address.ts";

test("an address or a name is read, with a port", () => {
  deepEqual(parsePlace("[2001:db8::1]:1"), { host: "2001:db8::1", port: 1 });
  deepEqual(parsePlace(" peer.example:6881 "), { host: "peer.example", port: 6881 });
  for (const text of ["", "peer.example", "peer.example:", "peer.example:70000", "a:b:1", "::1:80"]) {
    equal(parsePlace(text), undefined, text);
  }
});

test("a name stands for all its addresses, one that is unknown for none", async () => {
  const found = await endpointsOf({ host: "localhost", port: 7 });
  truthy(found.length > 0);
  for (const { host, port } of found) truthy((host === "127.0.0.1" || host === "::1") && port === 7, host);
  deepEqual(await endpointsOf({ host: "name.invalid", port: 7 }), []);
});

test("what is an address already is looked up nowhere", () => {
  for (const host of ["127.0.0.1", "::1"]) truthy(isLiteral({ host, port: 1 }));
  for (const host of ["localhost", "0x7f000001", "127.1"]) equal(isLiteral({ host, port: 1 }), false);
});
