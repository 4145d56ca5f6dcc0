// The main job, by hand: a member asks, a reviewer approves in another window, the bytes arrive from a real peer, are
// held, scanned and released; and infected content never gets out.

import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { buildUiWhenStale } from "../../scripts/build-ui.ts";
import { hashesOf } from "../lab/content.ts";
import { axeFindings } from "./axe.ts";
import { browserMissing, openChromium, openWindow, picture, settled, visit, type Window } from "./chromium.ts";
import { type RunningProgram, startDemoProgram } from "./program.ts";

const TRANSFER_MS = 120_000;
const CLEAN = "swarmgate-toolkit";
const INFECTED = "holiday-pictures";

test("a member asks, a reviewer approves, and what is clean is released", { skip: browserMissing }, async (t) => {
  assert.equal(await buildUiWhenStale(), undefined);
  const program = await startDemoProgram(t);
  const browser = await openChromium(t);
  const member = await signedInBy(browser, program, "member");
  const reviewer = await signedInBy(browser, program, "reviewer");

  await t.test("clean content goes the whole path", async () => {
    const id = await ask(member.page, CLEAN, "To see how it works before the course starts.");
    await member.page.getByText("A reviewer looks at the request.").waitFor();
    await approve(reviewer.page, id);
    // The member's page moves by itself.
    await member.page.getByText("The request was approved, and the device fetches").waitFor();
    await member.page.getByRole("link", { name: "See how far it is" }).click();
    await member.page.getByRole("link", { name: CLEAN }).click();
    await member.page.getByText(/ of .* pieces here and verified/).waitFor({ timeout: TRANSFER_MS });
    await member.page.getByRole("table", { name: "Peers" }).waitFor({ timeout: TRANSFER_MS });
    assert.deepEqual(await axeFindings(member.page), []);
    await picture(member, "a running transfer");
    await member.page.getByRole("article").getByText("Released", { exact: true }).waitFor({ timeout: TRANSFER_MS });
    await visit(member, `/requests/${id}`);
    await member.page.getByText("Every file is clean and in the library.").waitFor();
    assert.deepEqual(await axeFindings(member.page), []);
    await picture(member, "a released request");
    const library = join(program.dataDir, "node", "library", CLEAN);
    const released = hashesOf(library);
    assert.deepEqual(released, hashesOf(join(program.dataDir, "demo", "content", CLEAN)));
    for (const path of Object.keys(released)) assert.equal(statSync(join(library, path)).mode & 0o777, 0o640, path);
  });

  await t.test("infected content is stopped at the scan and never reaches the library", async () => {
    const id = await ask(member.page, INFECTED, "The pictures of the excursion.");
    await approve(reviewer.page, id);
    await member.page.getByText("The scan found something dangerous.").waitFor({ timeout: TRANSFER_MS });
    await picture(member, "an infected request of the job");
    await visit(member, "/quarantine");
    await member.page.getByText("Infected", { exact: true }).first().waitFor();
    assert.ok(!existsSync(join(program.dataDir, "node", "library", INFECTED)));
  });

  await t.test("everything is on the record", async () => {
    const admin = await signedInBy(browser, program, "administrator");
    await visit(admin, "/audit");
    await admin.page.getByText(/The chain has \d+ entries/).waitFor();
    await admin.page.getByText("request: approved").first().waitFor();
    assert.deepEqual(admin.faults, []);
  });
  assert.deepEqual([...member.faults, ...reviewer.faults], []);
});

async function signedInBy(
  browser: Browser,
  program: RunningProgram,
  role: keyof RunningProgram["links"],
): Promise<Window> {
  const window = await openWindow(browser, program.url);
  await window.page.goto(program.links[role]);
  await window.page.getByRole("button", { name: "Sign in with this link" }).click();
  await window.page.getByRole("heading", { name: /^Hello, / }).waitFor();
  return window;
}

/** Takes a suggestion of the home page and answers the three questions; gives the request's number. */
async function ask(page: Page, name: string, reason: string): Promise<string> {
  await page.goto("/");
  await settled(page);
  await page.getByRole("link", { name }).last().click();
  await page.getByText("A reviewer will decide").waitFor();
  await page.getByLabel("What is it for?").fill(reason);
  await page.getByText("I have read the acceptable-use policy").click();
  await page.getByRole("button", { name: "Send the request" }).click();
  await page.waitForURL(/\/requests\/R-\d+$/);
  return /R-\d+/.exec(page.url())?.[0] ?? "";
}

async function approve(page: Page, id: string): Promise<void> {
  await page.goto("/");
  await settled(page);
  await page.getByRole("link", { name: "Decide" }).first().click();
  await page.locator(`tr[data-row="${id}"] a`).click();
  await page.getByText("If you approve, the device").waitFor();
  await page.keyboard.press("a");
  await page.getByRole("button", { name: "Do it now" }).click();
  await page.getByText(`${id}: your approval counts.`).waitFor();
}
