import assert from "node:assert/strict";
import { test } from "node:test";
import type { MonotonicMs } from "../../world/clock.ts";
import { RequestWindow } from "./request-window.ts";

const at = (ms: number) => ms as MonotonicMs;

/** Asks for all that is wanted, and answers everything `delayMs` later, `rounds` times. */
function trade(window: RequestWindow, delayMs: number, rounds: number, fromMs = 0): number {
  let nowMs = fromMs;
  let key = fromMs * 1_000_000;
  for (let round = 0; round < rounds; round++) {
    const keys = Array.from({ length: window.wanting }, () => key++);
    for (const one of keys) window.sent(one, at(nowMs));
    nowMs += delayMs;
    for (const one of keys) assert.ok(window.arrived(one, at(nowMs)));
  }
  return nowMs;
}

test("a peer that answers at once is asked for more each time, up to what it queues", () => {
  const window = new RequestWindow(at(0));
  const before = window.wanting;
  trade(window, 5, 10);
  assert.ok(window.wanting > 4 * before);
  window.setRequestsMax(100);
  assert.ok(window.wanting <= 100);
});

test("when requests begin to queue at the peer, no more are asked for than its rate needs", () => {
  const window = new RequestWindow(at(0));
  const nowMs = trade(window, 10, 3);
  trade(window, 2_000, 1, nowMs);
  window.tick(at(nowMs + 2_000), 1024 * 1024);
  // 1 MiB/s for 10 ms of way and one second of queue is 65 blocks of 16 KiB.
  assert.equal(window.wanting, 65);
});

test("a long way does not count as a queue", () => {
  const window = new RequestWindow(at(0));
  const nowMs = trade(window, 600, 4);
  window.tick(at(nowMs), 1024 * 1024);
  assert.ok(window.wanting > 64);
});

test("a peer that owes for twenty seconds is snubbed once, and then trusted with one block", () => {
  const window = new RequestWindow(at(0));
  window.sent(1, at(0));
  assert.equal(window.tick(at(19_000), 0), false);
  assert.equal(window.tick(at(21_000), 0), true);
  assert.equal(window.tick(at(22_000), 0), false);
  assert.ok(window.snubbed);
  assert.deepEqual(window.dropAll(), [1]);
  assert.equal(window.wanting, 1);
});

test("a peer that rejects a thousand requests in a row is left alone for twenty seconds, then tried with one", () => {
  const window = new RequestWindow(at(0));
  let asked = 0;
  const refuseAll = (nowMs: number) => {
    while (window.wanting > 0) {
      for (let n = window.wanting; n > 0; n--) {
        window.sent(asked, at(nowMs));
        assert.ok(window.rejected(asked++, at(nowMs)));
      }
    }
  };
  refuseAll(0);
  assert.ok(asked >= 1_024 && asked < 1_300, `${asked}`);
  assert.ok(window.snubbed);
  window.tick(at(19_999), 0);
  assert.equal(window.wanting, 0);
  const before = asked;
  window.tick(at(20_000), 0);
  refuseAll(20_000);
  assert.equal(asked, before + 1);

  window.tick(at(40_000), 0);
  window.sent(asked, at(40_000));
  assert.ok(window.arrived(asked, at(40_001)));
  assert.ok(!window.snubbed && window.wanting > 0, "what it sends after all is welcome");
});

test("a member that refuses because it has enough to send is asked again, however often that was", () => {
  const window = new RequestWindow(at(0));
  for (let key = 0; key < 3_000; key++) {
    window.sent(key, at(key));
    assert.ok(window.rejected(key, at(key)));
    window.refused(at(key));
  }
  assert.ok(!window.snubbed && window.wanting > 0);
});

test("a block that was not asked for is told apart", () => {
  const window = new RequestWindow(at(0));
  assert.equal(window.arrived(7, at(1)), false);
});

test("a member of a closed swarm is asked for a whole piece, and for the next when that is here", () => {
  const window = new RequestWindow(at(0));
  window.askWholePieces(8, false);
  assert.equal(window.wanting, 8);
  trade(window, 5, 10);
  assert.equal(window.wanting, 8, "it does not grow where many members have what is wanted");
  window.sent(1, at(100));
  assert.equal(window.wanting, 0, "not before the piece is here");
});

test("of small pieces too a member is asked for one at a time, however fast it is", () => {
  const window = new RequestWindow(at(0));
  window.askWholePieces(1, false);
  window.sent(1, at(0));
  window.arrived(1, at(10));
  window.sent(2, at(10));
  window.arrived(2, at(1_000));
  window.tick(at(1_000), 10_000_000);
  assert.equal(window.wanting, 1);
});

test("a peer that refused is left alone for a moment, unless it offers something", () => {
  const window = new RequestWindow(at(0));
  window.refused(at(1_000));
  assert.equal(window.isRefused(at(1_050)), true);
  assert.equal(window.isRefused(at(1_100)), false);
  window.refused(at(2_000));
  window.offered();
  assert.equal(window.isRefused(at(2_001)), false);
});

test("where members are few, more than one piece is asked of each", () => {
  const window = new RequestWindow(at(0));
  window.askWholePieces(8, true);
  trade(window, 5, 10);
  assert.ok(window.wanting > 16);
});
