// Every page in every appearance and at three widths: axe finds nothing, nothing overflows, no script or policy fails.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axeFindings } from "./axe.ts";
import { APPEARANCES, browserMissing, openChromium, openWindow, picture, visit } from "./chromium.ts";
import { openFilledScene } from "./scene.ts";

const WIDTHS = [1440, 768, 390] as const;

test("every page is accessible in light, dark and high contrast, and fits three widths", {
  skip: browserMissing,
}, async (t) => {
  const scene = await openFilledScene(t);
  const { at } = scene;
  const browser = await openChromium(t);
  const pages: readonly (readonly [who: "nobody" | "mara" | "admin", name: string, path: string])[] = [
    ["nobody", "sign in", "/sign-in"],
    ["nobody", "sign-in link", "/sign-in#token=abcdefghijklmnopqrstuvwx"],
    ["nobody", "why it is blocked", "/why-blocked"],
    ["mara", "home", "/"],
    ["mara", "ask", "/ask"],
    ["mara", "my requests", "/requests"],
    ["mara", "a request", `/requests/${at.granted}`],
    ["mara", "an infected request", `/requests/${at.infected}`],
    ["mara", "a grant", `/grants/${at.grant}`],
    ["mara", "transfers", "/transfers"],
    ["mara", "a transfer", `/transfers/${at.transfer}`],
    ["mara", "quarantine", "/quarantine"],
    ["mara", "you", "/you"],
    ["mara", "why it is blocked here", "/why-blocked"],
    ["mara", "no page", "/nowhere"],
    ["admin", "home of a reviewer", "/"],
    ["admin", "decide", "/decide"],
    ["admin", "a decision", `/decide/${at.pending}`],
    ["admin", "audit", "/audit"],
    ["admin", "people", "/people"],
    ["admin", "what the gates block", "/why-blocked"],
  ];
  for (const appearance of APPEARANCES) {
    for (const who of ["nobody", "mara", "admin"] as const) {
      const cookie = who === "nobody" ? undefined : scene[who].cookie;
      const window = await openWindow(browser, scene.portal.url, { appearance }, cookie);
      for (const [, name, path] of pages.filter(([whose]) => whose === who)) {
        await visit(window, path);
        await t.test(`${name}, ${appearance}`, async () => {
          assert.deepEqual(await axeFindings(window.page), []);
          if (appearance === "light") await fitsEveryWidth(window, name);
          else if (appearance === "dark") await picture(window, `${name} dark`);
          assert.deepEqual(window.faults, []);
        });
      }
      await window.context.close();
    }
  }
});

async function fitsEveryWidth(window: Awaited<ReturnType<typeof openWindow>>, name: string): Promise<void> {
  for (const width of WIDTHS) {
    await window.page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    const overflowPx = await window.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.ok(overflowPx <= 0, `${name} is ${overflowPx} px too wide at ${width}`);
    await picture(window, `${name} ${width}`);
  }
  assert.deepEqual(await axeFindings(window.page), [], "on a phone too");
  await window.page.setViewportSize({ width: 1440, height: 900 });
}
