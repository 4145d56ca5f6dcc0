// What was begun is not lost: undoable decisions, a line that breaks, a page that is closed, a phone.

import assert from "node:assert/strict";
import { until } from "../lab/deadline.ts";
import { axeFindings } from "./axe.ts";
import { visit } from "./chromium.ts";
import { file } from "./deeds.ts";
import { onStage, type Stage } from "./stage.ts";

const UNDO_MS = 10_000;

async function freshRequest(stage: Stage, name: string): Promise<string> {
  const files = [{ path: "data.bin", bytes: 5_000_000 }];
  return file(stage, stage.mara, stage.laptop, { name, files, reason: "For the seminar." });
}

async function stateOf(stage: Stage, id: string): Promise<string> {
  const shown = await stage.ines.call("GET", `/api/v1/requests/${id}`);
  return (shown.body as { state: string }).state;
}

onStage("an approval is sent when its ten seconds are over, and not before", "ines", async (act) => {
  const { stage, page, window } = act;
  const id = await freshRequest(stage, "Ten seconds");
  await page.clock.install();
  await visit(window, `/decide/${id}`);
  await page.getByRole("group", { name: "Decision" }).waitFor();
  await page.keyboard.press("a");
  await page.getByText(`Approving ${id}`).waitFor();
  await page.clock.fastForward(UNDO_MS - 1_000);
  await page.getByText(`Approving ${id}`).waitFor();
  assert.equal(await stateOf(stage, id), "pending");
  await page.clock.fastForward(1_500);
  await page.getByText(`${id}: your approval counts.`).waitFor();
  assert.equal(await stateOf(stage, id), "approved");
});

onStage("a decision still counts when the page is left within its ten seconds", "ines", async (act) => {
  const { stage, page, window } = act;
  const id = await freshRequest(stage, "Left at once");
  await visit(window, `/decide/${id}`);
  await page.getByRole("group", { name: "Decision" }).waitFor();
  await page.keyboard.press("a");
  await page.getByText(`Approving ${id}`).waitFor();
  await page.goto("about:blank");
  await until("the approval arrives", async () => (await stateOf(stage, id)) === "approved");
});

onStage("somebody who is offline is told so in one line, and that nothing is lost", "mara", async (act) => {
  const { page, window } = act;
  await visit(window, "/transfers");
  await window.context.setOffline(true);
  await page.getByText("You are offline. What you see may be old").waitFor();
  assert.deepEqual(await axeFindings(page), []);
  await window.context.setOffline(false);
  await until("the line is quiet again", async () => (await page.locator(".line-state").innerText()) === "");
});

onStage("a reviewer decides on a phone, with the thumb", "ines", async ({ stage, page, window }) => {
  const id = await freshRequest(stage, "From the bus");
  await page.setViewportSize({ width: 390, height: 844 });
  await visit(window, "/");
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Decide" }).click();
  await page.getByRole("link", { name: "From the bus" }).click();
  const approve = page.getByRole("button", { name: "Approve" });
  await approve.waitFor();
  const box = await approve.boundingBox();
  assert.ok(box !== null && box.height >= 44 && box.y > 500 && box.y + box.height < 844, "it lies at the thumb");
  await approve.click();
  await page.getByRole("button", { name: "Do it now" }).click();
  await page.getByText(`${id}: your approval counts.`).waitFor();
  assert.equal(await stateOf(stage, id), "approved");
});

onStage(
  "several requests are denied at once, with one reason and one undo",
  "ines",
  async ({ stage, page, window }) => {
    const ids = [await freshRequest(stage, "First of two"), await freshRequest(stage, "Second of two")];
    await visit(window, "/decide?q=of+two");
    await page.getByRole("link", { name: "Second of two" }).waitFor();
    for (const key of ["j", "x", "j", "x"]) await page.keyboard.press(key);
    await page.getByText("2 requests selected").waitFor();
    await page.getByRole("group", { name: "Selected requests" }).getByRole("button", { name: "Deny" }).click();
    await page.getByLabel("Why they are denied").fill("The mirror of the library has both.");
    await page.getByRole("dialog").getByRole("button", { name: "Deny" }).click();
    await page.getByText("Denying 2 requests.").waitFor();
    await page.getByRole("button", { name: "Do it now" }).click();
    await page.getByText("Denied: 2 requests.").waitFor();
    assert.deepEqual(await Promise.all(ids.map((id) => stateOf(stage, id))), ["denied", "denied"]);
  },
);
