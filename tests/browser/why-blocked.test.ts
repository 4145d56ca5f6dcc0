// A person whom the gate blocks learns why, live and by keyboard, and nobody learns of anybody else's.

import assert from "node:assert/strict";
import type { GateBlock } from "../../src/wire/api/v1/gate.ts";
import { visit } from "./chromium.ts";
import { put } from "./deeds.ts";
import { onStage } from "./stage.ts";

function block(deviceId: string | null, change: Partial<GateBlock> = {}): GateBlock {
  const nowMs = Date.now();
  return {
    address: "10.1.0.7",
    deviceId,
    application: "gnutella",
    treatment: "refused",
    why: { code: "gnutella.handshake", sentence: "The Gnutella handshake." },
    rule: "zone library: block",
    zone: "library",
    sinceMs: nowMs - 60_000,
    lastMs: nowMs,
    flows: 1,
    packets: 9,
    ...change,
  };
}

onStage(
  "a member sees the blocks of their own devices with rule and reason, and no one else's",
  "mara",
  async (act) => {
    const { page } = act;
    await visit(act.window, "/why-blocked");
    await page.getByRole("heading", { name: "BitTorrent on mara-laptop is refused" }).waitFor();
    await page.getByRole("heading", { name: "Soulseek on mara-laptop is slowed" }).waitFor();
    const text = await page.locator("main").innerText();
    assert.match(text, /The BitTorrent handshake begins a direction of the flow\./);
    assert.match(text, /zone campus: block/);
    assert.doesNotMatch(text, /jonas|10\.1\.0\.9|2001:db8::4:17|eMule on|What the gates block now/);
  },
);

onStage("a new block appears while the page is open, and goes when the gate no longer says it", "mara", async (act) => {
  const { page, stage } = act;
  const heading = page.getByRole("heading", { name: "Gnutella on mara-laptop is refused" });
  await visit(act.window, "/why-blocked");
  await page.getByRole("heading", { name: "Soulseek on mara-laptop is slowed" }).waitFor();
  const blocks = [block(stage.laptop.id)];
  await put(stage.admin, "/api/v1/gate/blocks", { gate: "library-router", blocks });
  await heading.waitFor();
  await put(stage.admin, "/api/v1/gate/blocks", { gate: "library-router", blocks: [] });
  await heading.waitFor({ state: "detached" });
});

onStage("what a gate writes stays text on the page", "mara", async (act) => {
  const { page, stage } = act;
  const rule = "<img src=x onerror=alert(1)>\u202etxt";
  await put(stage.admin, "/api/v1/gate/blocks", { gate: "library-router", blocks: [block(stage.laptop.id, { rule })] });
  await visit(act.window, "/why-blocked");
  await page.getByText("<img src=x onerror=alert(1)>").waitFor();
  await put(stage.admin, "/api/v1/gate/blocks", { gate: "library-router", blocks: [] });
});

onStage(
  "by keyboard alone, a blocked person goes from the reason to a request for the same device",
  "mara",
  async (act) => {
    const { page, stage } = act;
    await visit(act.window, "/why-blocked");
    const ask = page.getByRole("article").first().getByRole("link", { name: "Ask for what you need" });
    await ask.waitFor();
    for (let presses = 0; presses < 60; presses += 1) {
      if (await ask.evaluate((link) => link === document.activeElement)) break;
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Ask for a transfer" }).waitFor();
    await page.waitForURL(/\/ask$/);
    const chosen = page.locator("select", { has: page.locator("option", { hasText: "mara-laptop" }) });
    assert.equal(await chosen.inputValue(), stage.laptop.id);
  },
);

onStage("somebody whom no gate blocks is told so, and what to do when a program fails", "ines", async (act) => {
  await visit(act.window, "/why-blocked");
  await act.page.getByRole("heading", { name: "Nothing of yours is blocked right now" }).waitFor();
  await act.page.getByText("swarmgate doctor").first().waitFor();
});

onStage("whoever runs the gates sees everything that they block, and whose it is", "admin", async (act) => {
  await visit(act.window, "/why-blocked");
  const table = act.page.getByRole("table", { name: "Blocked by the gates" });
  await table.getByText("jonas-desktop, Jonas Berg").waitFor();
  await table.getByText("2001:db8::4:17").waitFor();
  await table.getByText("no known device").waitFor();
});

onStage("a stranger reads the general page and signs in back to their own blocks", "nobody", async (act) => {
  const { page } = act;
  await visit(act.window, "/why-blocked");
  await page.getByRole("link", { name: "Sign in", exact: true }).last().click();
  await page.getByLabel("Sign-in name").fill("mara.lind");
  await page.getByLabel("Password").fill("a few plain words");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "BitTorrent on mara-laptop is refused" }).waitFor();
});
