// The same tasks with no mouse: every step is a key, and the focus goes where the eye goes.

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { settled, visit } from "./chromium.ts";
import { PASSWORD } from "./scene.ts";
import { onStage } from "./stage.ts";

const TABS_MAX = 120;

/** Walks with Tab until the focus is on what is called so. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    await page.keyboard.press("Tab");
    const focused = await focusedName(page);
    seen.push(focused);
    if (typeof name === "string" ? focused === name : name.test(focused)) return;
  }
  assert.fail(`Tab never came to ${name}: ${seen.join(" | ")}`);
}

/** What a screen reader would call the focused element, as far as these tests need it. */
function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return "";
    const labels =
      element instanceof HTMLInputElement ||
      element instanceof HTMLTextAreaElement ||
      element instanceof HTMLSelectElement
        ? element.labels
        : null;
    const label = labels === null || labels.length === 0 ? element.getAttribute("aria-label") : labels[0]?.textContent;
    const clone = element.cloneNode(true) as Element;
    for (const hidden of clone.querySelectorAll("[aria-hidden=true]")) hidden.remove();
    return (label ?? clone.textContent ?? "").trim();
  });
}

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

onStage("signing in, with the keyboard alone", "nobody", async ({ page }) => {
  await page.goto("/");
  await settled(page);
  await tabTo(page, "Sign-in name");
  await page.keyboard.type("mara.lind");
  await tabTo(page, "Password");
  await page.keyboard.type(PASSWORD);
  await press(page, "Enter");
  await page.getByRole("heading", { name: "Hello, Mara Lind" }).waitFor();
});

onStage("the skip link leads past the menu, and a move gives the focus to the heading", "mara", async (act) => {
  const { page, window } = act;
  await visit(window, "/");
  await press(page, "Tab");
  assert.equal(await focusedName(page), "Skip to the content");
  await tabTo(page, "Transfers");
  await press(page, "Enter");
  await page.getByRole("heading", { name: "Transfers" }).waitFor();
  assert.equal(await focusedName(page), "Transfers");
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), "H1");
});

onStage("asking, with the keyboard alone", "mara", async ({ page, window }) => {
  await visit(window, "/ask");
  await tabTo(page, "Magnet link");
  await page.keyboard.type("magnet:?xt=urn:btih:2b66980093bc11806fab50cb3cb41835b95a0362&dn=keyboard.iso");
  await tabTo(page, "Read it");
  await press(page, "Enter");
  await page.getByText("keyboard.iso", { exact: true }).waitFor();
  await tabTo(page, /^What is it for/);
  await page.keyboard.type("For the course.");
  await tabTo(page, /^I have read the acceptable-use policy/);
  await press(page, "Space");
  await tabTo(page, "Send the request");
  await press(page, "Enter");
  await page.waitForURL(/\/requests\/R-\d+$/);
  await page.getByRole("heading", { name: "keyboard.iso" }).waitFor();
  assert.equal(await focusedName(page), "keyboard.iso");
  await tabTo(page, "Withdraw the request");
  await press(page, "Enter");
  await page.getByRole("button", { name: "Undo" }).waitFor();
  await press(page, "z");
  await page.getByRole("button", { name: "Undo" }).waitFor({ state: "detached" });
});

onStage("deciding with j, k, Enter, a, z, d and x", "ines", async ({ page, window }) => {
  await visit(window, "/decide");
  await page.locator(".row-link").first().waitFor();
  await press(page, "j", "j", "k");
  const first = await focusedName(page);
  await press(page, "Enter");
  await page.getByRole("group", { name: "Decision" }).waitFor();
  assert.ok(first.startsWith(await focusedName(page)), "the focus is on the detail's heading");
  await press(page, "a");
  await page.getByText(/^Approving R-\d+/).waitFor();
  await press(page, "z");
  await page.getByText(/^Approving R-\d+/).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Deny" }).waitFor();
  await press(page, "d");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("The mirror has it.");
  await tabTo(page, "Deny");
  await press(page, "Enter");
  await page.getByText(/^Denying R-\d+/).waitFor();
  await tabTo(page, "Do it now");
  await press(page, "Enter");
  await page.getByText(/is denied/).waitFor();
  await visit(window, "/decide");
  await page.locator(".row-link").first().waitFor();
  await press(page, "j", "x");
  await page.getByText("1 request selected").waitFor();
});

onStage("finding a request by its number in the palette", "mara", async ({ stage, page, window }) => {
  await visit(window, "/");
  await press(page, "Control+k");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type(stage.at.granted);
  await page.getByRole("option", { name: /OpenStreetMap/ }).waitFor();
  await press(page, "Enter");
  await page.waitForURL(`**/requests/${stage.at.granted}`);
  await page.getByRole("heading", { name: /OpenStreetMap/ }).waitFor();
});

onStage("opening a transfer, a held file and a record, with the keyboard alone", "admin", async ({ page, window }) => {
  await visit(window, "/transfers");
  await page.locator(".row-link").first().waitFor();
  await press(page, "j", "Enter");
  await page.waitForURL(/\/transfers\/.+/);
  await page.getByRole("heading", { level: 2 }).first().waitFor();
  await visit(window, "/quarantine");
  await tabTo(page, "Hash");
  await press(page, "Enter");
  await page
    .getByText(/^[0-9a-f]{64}$/)
    .first()
    .waitFor();
  await visit(window, "/audit");
  await tabTo(page, "Search by person, request, grant or action");
  await page.keyboard.type("denied");
  await page.getByText("request: denied").first().waitFor();
});

onStage("a dialog gives the focus back to what opened it", "admin", async ({ page, window }) => {
  await visit(window, "/people");
  await tabTo(page, "Change Jonas Berg");
  await press(page, "Enter");
  await page.getByRole("dialog").waitFor();
  await press(page, "Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await focusedName(page), "Change Jonas Berg");
});
