import assert from "node:assert/strict";
import { test } from "node:test";
import type { Exemption } from "./exemption.ts";
import { DEFAULT_POLICY, type GatePolicy } from "./policy.ts";
import { QuotaBook } from "./quota-book.ts";

const NOON = Date.UTC(2026, 2, 10, 12);
const DAY_MS = 86_400_000;
const MB = 1_000_000;

function policy(change: Partial<GatePolicy> = {}): GatePolicy {
  return { ...DEFAULT_POLICY, quotas: { timeZone: "UTC", deviceMegabytesPerDay: 10 }, ...change };
}

function opening(change: Partial<Exemption> = {}): Exemption {
  const who = { address: "10.1.0.1", device: "D-1", person: "P-1", grant: "G-1" };
  return { ...who, application: "bittorrent", direction: "download", seconds: 600, ...change };
}

const today = "device_D-1_20260310";
const counted = (name: string, used: number, bytes = 10 * MB) => [{ name, bytes, used }];
const added = (book: QuotaBook): string[] =>
  book
    .batch()
    .split("\n")
    .filter((line) => /^(add|delete) quota/.test(line));

test("the kernel is told a device's limit and what was used of it", () => {
  const book = new QuotaBook(policy(), { day: "20260310", used: { "device D-1": 3 * MB } });
  book.plan([opening()], NOON);
  assert.deepEqual(added(book), [`add quota inet swarmgate ${today} { over 10000000 bytes used 3000000 bytes }`]);
  assert.match(book.batch(), /add element inet swarmgate device_quota4 \{ 10\.1\.0\.1 : "device_D-1_20260310" \}/);
});

test("what the kernel counts is used, and a limit that is reached says so in plain words", () => {
  const book = new QuotaBook(policy());
  book.plan([opening()], NOON);
  book.learn(counted(today, 9 * MB));
  assert.equal(book.usedUp.length, 0);
  book.learn(counted(today, 10 * MB));
  assert.deepEqual(
    book.usedUp.map((one) => one.sentence),
    ["This device has used up the 10 MB of today; it goes on after midnight."],
  );
  assert.deepEqual(added(book), []);
});

test("a gate that starts again takes what the kernel counted, and after the machine's restart what the file says", () => {
  const running = new QuotaBook(policy());
  running.learn(counted(today, 7 * MB));
  running.plan([opening()], NOON);
  assert.equal(running.state.used["device D-1"], 7 * MB);
  const restarted = new QuotaBook(policy(), running.state);
  restarted.learn([]);
  restarted.plan([opening()], NOON);
  assert.match(added(restarted)[0] ?? "", /used 7000000 bytes/);
});

test("a new day begins at the policy's midnight", () => {
  const zone = policy({ quotas: { timeZone: "Asia/Tokyo", deviceMegabytesPerDay: 10 } });
  const book = new QuotaBook(zone);
  const beforeMidnight = Date.UTC(2026, 2, 10, 14, 59);
  book.plan([opening()], beforeMidnight);
  book.learn(counted(today, 10 * MB));
  assert.equal(book.usedUp.length, 1);
  book.plan([opening()], beforeMidnight + 60_000);
  assert.equal(book.usedUp.length, 0);
  assert.deepEqual(added(book), [
    `delete quota inet swarmgate ${today}`,
    "add quota inet swarmgate device_D-1_20260311 { over 10000000 bytes used 0 bytes }",
  ]);
});

test("H98: a clock that is set back gives no second day, not even to a gate that starts again", () => {
  const book = new QuotaBook(policy());
  book.plan([opening()], NOON);
  book.learn(counted(today, 10 * MB));
  book.plan([opening()], NOON - DAY_MS);
  assert.equal(book.usedUp.length, 1);
  for (const kept of [book.state, undefined]) {
    const restarted = new QuotaBook(policy(), kept);
    restarted.learn(counted(today, 10 * MB));
    restarted.plan([opening()], NOON - DAY_MS);
    assert.equal(restarted.usedUp.length, 1);
  }
});

test("a person's devices share the person's day, and a device may have a limit of its own", () => {
  const devices = { "D-2": { addresses: ["10.1.0.2"], megabytesPerDay: 3 } };
  const book = new QuotaBook(policy({ devices, quotas: { timeZone: "UTC", personMegabytesPerDay: 50 } }));
  book.plan([opening(), opening({ address: "10.1.0.2", device: "D-2", grant: "G-2" })], NOON);
  assert.deepEqual(added(book), [
    "add quota inet swarmgate device_D-2_20260310 { over 3000000 bytes used 0 bytes }",
    "add quota inet swarmgate person_P-1_20260310 { over 50000000 bytes used 0 bytes }",
  ]);
  const people = book.batch().match(/person_quota4 \{ 10\.1\.0\.\d : /g);
  assert.equal(people?.length, 2);
});

test("a limit that is changed in the middle of the day keeps what was used", () => {
  const before = new QuotaBook(policy());
  before.plan([opening()], NOON);
  before.learn(counted(today, 8 * MB));
  const after = new QuotaBook(policy({ quotas: { timeZone: "UTC", deviceMegabytesPerDay: 20 } }), before.state);
  after.learn(counted(today, 8 * MB));
  after.plan([opening()], NOON);
  assert.deepEqual(added(after), [
    `delete quota inet swarmgate ${today}`,
    `add quota inet swarmgate ${today} { over 20000000 bytes used 8000000 bytes }`,
  ]);
});

test("a grant's bytes are counted over its whole life, with a tenth for headers; a second grant adds to them", () => {
  const free = { quotas: { timeZone: "UTC" } };
  const book = new QuotaBook(policy(free));
  const first = opening({ maxBytes: 10 * MB });
  book.plan([first], NOON);
  const [line] = added(book);
  const name = /cap_\w+/.exec(line ?? "")?.[0] ?? "";
  assert.match(line ?? "", /over 11000000 bytes used 0 bytes/);
  book.learn(counted(name, 11 * MB, 11 * MB));
  assert.equal(book.usedUp[0]?.sentence, "The 11 MB that this grant allows are used up.");
  book.plan([first], NOON + 3 * DAY_MS);
  assert.equal(book.usedUp.length, 1);
  book.plan([first, opening({ grant: "G-2", maxBytes: MB })], NOON);
  assert.match(added(book)[1] ?? "", /over 12100000 bytes used 11000000 bytes/);
});

test("an uncapped grant of the same device and application lifts the caps of the others", () => {
  const book = new QuotaBook(policy({ quotas: { timeZone: "UTC" } }));
  book.plan([opening({ maxBytes: MB }), opening({ grant: "G-2" })], NOON);
  assert.deepEqual(added(book), []);
});
