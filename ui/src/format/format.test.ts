import assert from "node:assert/strict";
import { test } from "node:test";
import { countText, rateText, shareText, sizeText } from "./bytes.ts";
import { awayText, durationText } from "./duration.ts";
import { momentText } from "./moment.ts";

const readable =
  (format: (value: number) => string) =>
  (value: number): string =>
    format(value).replaceAll("\u00a0", " ");

test("sizes are decimal and short", () => {
  assert.deepEqual(
    [0, 1, 999, 1000, 1_234_567, 15_900_000, 734_003_200, 999_600, 4_700_000_000].map(readable(sizeText)),
    ["0 bytes", "1 byte", "999 bytes", "1 kB", "1.23 MB", "15.9 MB", "734 MB", "1 MB", "4.7 GB"],
  );
});

test("a rate is never shown in bytes", () => {
  assert.deepEqual([0, 300, 2_500_000].map(readable(rateText)), ["0 kB/s", "1 kB/s", "2.5 MB/s"]);
});

test("nothing is 100% before its last byte", () => {
  assert.deepEqual([shareText(999_999, 1_000_000), shareText(5, 5), shareText(0, 0)], ["99%", "100%", "0%"]);
});

test("counts carry their noun", () => {
  assert.deepEqual(
    [countText(1, "file"), countText(1200, "file"), countText(2, "person", "people")],
    ["1 file", "1,200 files", "2 people"],
  );
});

test("durations are words, two units at most", () => {
  assert.deepEqual([0, 1, 59, 60, 7_500, 604_800, 90_061].map(durationText), [
    "less than a second",
    "1 second",
    "59 seconds",
    "1 minute",
    "2 hours and 5 minutes",
    "7 days",
    "1 day and 1 hour",
  ]);
});

test("a moment is said from where the reader stands", () => {
  const now = new Date(2026, 10, 21, 12, 0).getTime();
  assert.equal(awayText(now + 2 * 86_400_000, now), "in 2 days");
  assert.equal(awayText(now - 250_000, now), "4 minutes ago");
  assert.equal(awayText(now + 1000, now), "now");
  assert.equal(momentText(new Date(2026, 10, 21, 9, 5).getTime(), now), "today at 09:05");
  assert.equal(momentText(new Date(2026, 10, 20, 23, 59).getTime(), now), "yesterday at 23:59");
  assert.equal(momentText(new Date(2025, 2, 12, 8, 0).getTime(), now), "12 March 2025 at 08:00");
});
