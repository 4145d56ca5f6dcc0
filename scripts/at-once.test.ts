// How many test files run beside each other, by tasks that end when they are told to and a machine that says what it idled.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runAtOnce } from "./at-once.ts";
import { type Idled, Room } from "./room.ts";

/** Tasks that run until they are ended. */
class Tasks {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();
  readonly #watchers = new Set<() => void>();

  readonly run = (name: string): Promise<void> => {
    this.begun.push(name);
    for (const watcher of this.#watchers) watcher();
    return new Promise((resolve) => this.#ends.set(name, resolve));
  };

  end(name: string): void {
    this.#ends.get(name)?.();
  }

  /** Resolves as soon as so many have begun. */
  async haveBegun(count: number): Promise<void> {
    while (this.begun.length < count) await new Promise<void>((resolve) => this.#watchers.add(resolve));
  }
}

test("without room so many run as always do, in their order", async () => {
  const tasks = new Tasks();
  const done = runAtOnce(["a", "b", "c", "d"], tasks.run, { atLeast: 2, atMost: 4, hasRoom: () => false });
  await tasks.haveBegun(2);
  assert.deepEqual(tasks.begun, ["a", "b"]);
  tasks.end("b");
  await tasks.haveBegun(3);
  assert.deepEqual(tasks.begun, ["a", "b", "c"]);
  for (const name of ["a", "c"]) tasks.end(name);
  await tasks.haveBegun(4);
  tasks.end("d");
  await done;
});

test("with room more are begun, and never more than at most", async () => {
  const tasks = new Tasks();
  let asked = 0;
  const hasRoom = (): boolean => ++asked >= 3;
  const done = runAtOnce(["a", "b", "c", "d"], tasks.run, { atLeast: 1, atMost: 3, hasRoom });
  await tasks.haveBegun(3);
  assert.equal(asked, 4, "refused twice, then one more and one more");
  assert.deepEqual(tasks.begun, ["a", "b", "c"]);
  tasks.end("a");
  await tasks.haveBegun(4);
  for (const name of ["b", "c", "d"]) tasks.end(name);
  await done;
});

test("a task that cannot be run is told", async () => {
  const run = (): Promise<void> => Promise.reject(new Error("no such program"));
  await assert.rejects(runAtOnce(["a"], run, { atLeast: 1, atMost: 1, hasRoom: () => false }), /no such program/);
});

test("there is room after two seconds in which half a core idled, and once in two seconds", () => {
  let now: Idled = { idleMs: 0, atMs: 0 };
  const pass = (ms: number, idleCores: number): void => {
    now = { idleMs: now.idleMs + ms * idleCores, atMs: now.atMs + ms };
  };
  const room = new Room(() => now);
  pass(1999, 2);
  assert.equal(room.isThere(), false, "what was begun last has not shown what it takes");
  pass(1, 2);
  assert.equal(room.isThere(), true);
  assert.equal(room.isThere(), false, "one at a time");
  pass(2000, 0.49);
  assert.equal(room.isThere(), false, "the cores are busy");
  pass(2000, 0.5);
  assert.equal(room.isThere(), true, "what idled before counts no more");
});
