// H159: names, reasons, comments, clients and scanners' words are written by strangers. In a real browser they stay text.

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { visit } from "./chromium.ts";
import { approve, file, put, report, running, transferUnder } from "./deeds.ts";
import { onStage, type Stage } from "./stage.ts";

const ATTACKS = [
  `<script>document.title="owned"</script>`,
  `<img src=x onerror="alert('owned')">`,
  `"><svg onload=alert('owned')>`,
  `javascript:alert('owned')`,
  `'-alert('owned')-'`,
  "{{constructor.constructor('alert(1)')()}}",
  `<iframe srcdoc="<script>alert('owned')</script>">`,
  `=HYPERLINK("http://evil.example","click")`,
] as const;
const HOSTILE = ATTACKS.join(" ");
const SPOOF = "holiday-pictures\u202Egpj.exe";

type Planted = {
  readonly device: Awaited<ReturnType<Stage["portal"]["device"]>>;
  readonly paths: readonly string[];
  readonly pending: string;
};

/** Strangers' text in every place that holds some: names, reasons, a device, a peer's client, a scanner's words. */
async function plant(stage: Stage): Promise<Planted> {
  const { portal, mara, ines } = stage;
  const device = await portal.device(mara, "ed25519", `<b onmouseover=alert(1)>${"x".repeat(40)}`);
  const wish = wishNamed(ATTACKS[1].replaceAll("/", "∕"));
  const approved = await file(stage, mara, device, wish);
  const grant = await approve(ines, approved);
  const pending = await file(stage, mara, device, wishNamed("<u>pending"));
  const peers = [{ address: "192.0.2.7:1", client: ATTACKS[1] }];
  await report(device, [running(grant.id, grant.infoHash, { why: HOSTILE.slice(0, 480), peers })]);
  const transfer = await transferUnder(mara, grant.id);
  const held = {
    entryId: "Q-1",
    grantId: grant.id,
    bytes: 10,
    sha256: null,
    piecesRoot: null,
    heldSinceMs: Date.now(),
  };
  await put(device, "/api/v1/device/quarantine", {
    entries: [{ ...held, fileName: SPOOF, state: "infected", why: ATTACKS[0] }],
  });
  const lists = ["/", "/decide", "/transfers", "/quarantine", "/audit", "/people", "/grants"];
  const details = [
    `/decide/${pending}`,
    `/decide/${approved}?show=all`,
    `/transfers/${transfer}`,
    `/grants/${grant.id}`,
  ];
  return { device, pending, paths: [...lists, ...details] };
}

function wishNamed(name: string) {
  const files = [{ path: `${ATTACKS[2].replaceAll("/", "∕")}.bin`, bytes: 1_000_000 }];
  return { name, files, reason: `${HOSTILE} ${SPOOF}` };
}

onStage("H159: hostile text from everywhere is inert on every page", "admin", async ({ stage, window, page }) => {
  const { paths, pending } = await plant(stage);
  for (const path of paths) {
    await visit(window, path);
    await page.mouse.move(700, 400);
    for (const summary of await page.locator("summary").all()) await summary.click();
    assert.deepEqual(await injected(page), [], path);
    assert.notEqual(await page.title(), "owned");
  }
  // What is shown is the text itself, in the title too.
  await visit(window, `/decide/${pending}`);
  await page.getByText(ATTACKS[0]).first().waitFor();
  assert.equal(await page.title(), `${pending} <u>pending – Swarmgate`);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("pending");
  await page.getByRole("option", { name: "<u>pending" }).waitFor();
  assert.deepEqual(await injected(page), []);
});

onStage("H159: a name that runs from right to left shows its true end", "admin", async ({ window, page }) => {
  await visit(window, "/quarantine");
  await page.getByText("holiday-pictures\u{FFFD}gpj.exe").waitFor();
});

onStage("H167: a saved list neutralises formulas", "admin", async ({ stage, window, page }) => {
  await file(stage, stage.mara, stage.laptop, wishNamed("=1+1"));
  await visit(window, "/decide");
  await page.getByText("=1+1").waitFor();
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as CSV" }).click();
  const stream = await (await saving).createReadStream();
  let csv = "";
  for await (const chunk of stream) csv += String(chunk);
  assert.match(csv, /^'=1\+1,/m);
});

/** Elements that no page of ours has, and attributes that run: what an injection would leave behind. */
function injected(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const foreign = [...document.querySelectorAll("img, iframe, object, embed, base, script:not([src]), u, b")];
    const running = [...document.querySelectorAll("*")].filter((element) =>
      element.getAttributeNames().some((name) => name.startsWith("on")),
    );
    const links = [...document.querySelectorAll("a")].filter((link) => link.protocol === "javascript:");
    return [...foreign, ...running, ...links].map((element) => element.outerHTML.slice(0, 200));
  });
}
