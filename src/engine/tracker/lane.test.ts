import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type LaneEffect, type LaneEvent, type LaneState, laneStart, laneStep } from "./lane.ts";

const REPLY = { intervalSeconds: 1800, minIntervalSeconds: undefined };
const ANSWERED: LaneEvent = { type: "answered", reply: REPLY };
const FAILED: LaneEvent = { type: "failed", retrySeconds: undefined, jitter: 0 };
const NEVER: LaneEvent = { type: "failed", retrySeconds: "never", jitter: 0 };

/** What the lane does for a list of events, each at its second; the last effects are compared. */
function run(urls: readonly string[], ...events: readonly (readonly [number, LaneEvent])[]) {
  let [state, effects]: readonly [LaneState, readonly LaneEffect[]] = laneStart(urls, 0);
  for (const [second, event] of events) [state, effects] = laneStep(state, event, second * 1_000);
  return {
    state,
    effects: effects.map((effect) => (effect.type === "wake" ? effect.atMs / 1_000 : `${effect.event} ${effect.url}`)),
  };
}

test("a lane begins by greeting its first tracker", () => {
  deepEqual(run(["a", "b"]).effects, ["started a"]);
});

test("after an answer it waits for the tracker's interval, then announces without an event", () => {
  deepEqual(run(["a"], [1, ANSWERED]).effects, [1801]);
  deepEqual(run(["a"], [1, ANSWERED], [1800, { type: "due" }]).effects, []);
  deepEqual(run(["a"], [1, ANSWERED], [1801, { type: "due" }]).effects, ["none a"]);
});

test("an absurd interval is bounded on both sides", () => {
  const after = (intervalSeconds: number) =>
    run(["a"], [0, { type: "answered", reply: { ...REPLY, intervalSeconds } }]).effects;
  deepEqual(after(0), [5]);
  deepEqual(after(2 ** 40), [7200]);
});

test("BEP 12: the next tracker of the tier is tried, and the one that answers is first from then on", () => {
  deepEqual(run(["a", "b", "c"], [1, FAILED]).effects, ["started b"]);
  const { state, effects } = run(["a", "b", "c"], [1, FAILED], [2, ANSWERED], [1802, { type: "due" }]);
  deepEqual([state.urls, effects], [["b", "a", "c"], ["none b"]]);
});

test("when all have failed, the pause doubles up to half an hour and is jittered", () => {
  const pauses: unknown[] = [];
  let [state] = laneStart(["a"], 0);
  for (let round = 0; round < 10; round++) {
    const [failedState, [wake]] = laneStep(state, FAILED, 0);
    pauses.push(wake?.type === "wake" && wake.atMs / 1_000);
    [state] = laneStep(failedState, { type: "due" }, 1e9);
  }
  deepEqual(pauses, [10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800]);
  deepEqual(run(["a"], [0, { ...FAILED, jitter: 0.5 }]).effects, [12.5]);
  deepEqual(run(["a"], [0, { ...FAILED, retrySeconds: 300 }]).effects, [300]);
});

test("a tracker that says never is forgotten, and a lane without trackers ends", () => {
  deepEqual(run(["a", "b"], [1, NEVER]).effects, ["started b"]);
  const { state } = run(["a", "b"], [1, NEVER], [2, NEVER]);
  deepEqual(state.at, { kind: "ended", why: "refused" });
  deepEqual(run(["a", "b"], [1, FAILED], [2, NEVER]).effects, [12]);
});

test("completed is told once, to a tracker that heard started", () => {
  deepEqual(run(["a"], [1, ANSWERED], [5, { type: "finished" }]).effects, ["completed a"]);
  deepEqual(run(["a"], [1, ANSWERED], [5, { type: "finished" }], [6, ANSWERED], [1806, { type: "due" }]).effects, [
    "none a",
  ]);
  deepEqual(run(["a"], [1, { type: "finished" }], [2, ANSWERED]).effects, ["completed a"]);
});

test("a tracker that first meets a complete torrent hears no completed", () => {
  deepEqual(run(["a"], [1, FAILED], [2, { type: "finished" }], [12, { type: "due" }], [13, ANSWERED]).effects, [1813]);
});

test("a starving torrent asks again as soon as the tracker's minimum allows", () => {
  deepEqual(run(["a"], [0, ANSWERED], [10, { type: "starved" }]).effects, [60]);
  deepEqual(run(["a"], [0, ANSWERED], [61, { type: "starved" }]).effects, ["none a"]);
  const strict: LaneEvent = { type: "answered", reply: { intervalSeconds: 1800, minIntervalSeconds: 900 } };
  deepEqual(run(["a"], [0, strict], [61, { type: "starved" }]).effects, [900]);
});

test("stop says good-bye to every tracker that was greeted, and to no other", () => {
  deepEqual(run(["a", "b"], [0, { type: "stop" }]).effects, []);
  deepEqual(run(["a", "b"], [1, FAILED], [2, ANSWERED], [3, { type: "stop" }]).effects, ["stopped b"]);
  deepEqual(run(["a"], [1, ANSWERED], [3, { type: "stop" }], [2000, { type: "due" }]).effects, []);
});

test("whatever happens, at most one question is open, and an ended lane is silent", () => {
  const events = fc.constantFrom<LaneEvent>(
    ANSWERED,
    FAILED,
    NEVER,
    { type: "due" },
    { type: "finished" },
    { type: "starved" },
    { type: "stop" },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5_000), events), { maxLength: 40 }), (steps) => {
      let nowMs = 0;
      let [state] = laneStart(["a", "b"], nowMs);
      for (const [passed, event] of steps) {
        nowMs += passed * 1_000;
        const before = state.at.kind;
        const [next, effects] = laneStep(state, event, nowMs);
        if (before === "ended") equal(effects.length, 0);
        if (event.type !== "stop") equal(effects.length <= 1, true);
        if (before === "asking" && !["answered", "failed", "stop"].includes(event.type)) equal(effects.length, 0);
        state = next;
      }
    }),
  );
});
