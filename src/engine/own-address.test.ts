import { equal } from "node:assert/strict";
import { test } from "node:test";
import { OwnAddress } from "./own-address.ts";

test("what most hosts say is believed, and each host has one voice", () => {
  const own = new OwnAddress();
  equal(own.of(4), undefined);
  own.said("1.1.1.1", "9.0.0.1");
  for (let n = 0; n < 50; n++) own.said("6.6.6.6", "9.0.0.2");
  own.said("1.1.1.1", "9.0.0.3");
  equal(own.of(4), "1.1.1.1");
});

test("a host that sees us by one family says nothing about the other", () => {
  const own = new OwnAddress();
  own.said("2001:db8::1", "9.0.0.1");
  own.said("1.1.1.1", "2001:db8::2");
  equal(own.of(4), undefined);
  equal(own.of(6), undefined);
});

test("old voices are forgotten, however many there are", () => {
  const own = new OwnAddress();
  for (let n = 0; n < 200; n++) own.said("1.1.1.1", `9.0.0.${n}`);
  for (let n = 0; n < 64; n++) own.said("2.2.2.2", `9.0.1.${n}`);
  equal(own.of(4), "2.2.2.2");
});
