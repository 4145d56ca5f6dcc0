// One scene and one browser for all tests of a file: opened by the first that needs it, closed after the last.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { browserMissing, openChromium, openWindow, type Window } from "./chromium.ts";
import { type FilledScene, openFilledScene } from "./scene.ts";

export type Stage = FilledScene & { readonly browser: Browser };
export type Player = "nobody" | "mara" | "jonas" | "ines" | "admin";
export type Act = { readonly stage: Stage; readonly window: Window; readonly page: Page };

const closers: (() => unknown)[] = [];
let opening: Promise<Stage> | undefined;

after(async () => {
  for (const close of closers.toReversed()) await close();
});

async function open(): Promise<Stage> {
  const owner = { after: (close: () => unknown) => void closers.push(close) };
  const scene = await openFilledScene(owner);
  return { ...scene, browser: await openChromium(owner) };
}

/**
 * A test in somebody's window, which must not have made a fault at its end. The tests of a file run one after another,
 * and a later one may build on what an earlier one did.
 */
export function onStage(name: string, who: Player, act: (act: Act) => Promise<void>): void {
  test(name, { skip: browserMissing }, async () => {
    const stage = await (opening ??= open());
    const cookie = who === "nobody" ? undefined : stage[who].cookie;
    const window = await openWindow(stage.browser, stage.portal.url, {}, cookie);
    await act({ stage, window, page: window.page });
    assert.deepEqual(window.faults, []);
    await window.context.close();
  });
}
