// The task of each page, done with the mouse on a real portal.

import assert from "node:assert/strict";
import { until } from "../lab/deadline.ts";
import { openWindow, settled, visit } from "./chromium.ts";
import { decided, file, report, running } from "./deeds.ts";
import { sampleTorrent } from "./sample-torrent.ts";
import { PASSWORD } from "./scene.ts";
import { onStage } from "./stage.ts";

const MAGNET = "magnet:?xt=urn:btih:2b66980093bc11806fab50cb3cb41835b95a0362&dn=debian-12.7.0-amd64-DVD-1.iso";
const NAME = "debian-12.7.0-amd64-DVD-1.iso";
const REASON = "The installation image for the course.";

onStage("somebody signs in with a password and stands where they wanted to go", "nobody", async ({ window, page }) => {
  await visit(window, "/requests");
  await page.getByLabel("Sign-in name").fill("mara.lind");
  await page.getByLabel("Password").fill("not this one");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("You are not signed in.").waitFor();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "My requests" }).waitFor();
});

onStage("what was typed survives a reload and a sign-out", "mara", async ({ window, page }) => {
  await visit(window, "/ask");
  await page.getByLabel("Magnet link").fill(MAGNET);
  await page.getByRole("button", { name: "Read it" }).click();
  await page.getByText(NAME, { exact: true }).waitFor();
  await page.getByText("A reviewer will decide").waitFor();
  await page.getByLabel("What is it for?").fill(REASON);
  await page.reload();
  await settled(page);
  assert.equal(await page.getByLabel("What is it for?").inputValue(), REASON);
  await page.getByText(NAME, { exact: true }).waitFor();
  await window.context.clearCookies();
  await page.reload();
  await page.getByLabel("Sign-in name").fill("mara.lind");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText(NAME, { exact: true }).waitFor();
  assert.equal(await page.getByLabel("What is it for?").inputValue(), REASON);
});

onStage("a request that lacks something says what, is sent, and is taken back", "mara", async (act) => {
  const { page, stage } = act;
  await visit(act.window, "/ask");
  await page.getByLabel("Magnet link").fill(MAGNET);
  await page.getByRole("button", { name: "Read it" }).click();
  await page.getByText(NAME, { exact: true }).waitFor();
  await page.getByLabel("What is it for?").fill(REASON);
  await page.getByRole("button", { name: "Send the request" }).click();
  await page.getByRole("alert").getByText("Read the acceptable-use policy and tick the box.").waitFor();
  await page.getByText("I have read the acceptable-use policy").click();
  await page.getByRole("button", { name: "Send the request" }).click();
  await page.waitForURL(/\/requests\/R-\d+$/);
  await page.getByText("A reviewer looks at the request.").waitFor();
  // Undone within its ten seconds, it was never sent.
  await page.getByRole("button", { name: "Withdraw the request" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Undo" }).waitFor({ state: "detached" });
  const shown = await stage.mara.call("GET", `/api/v1${new URL(page.url()).pathname}`);
  assert.equal((shown.body as { state: string }).state, "pending");
  await page.getByRole("button", { name: "Withdraw the request" }).click();
  await page.getByRole("button", { name: "Do it now" }).click();
  await page.getByText("The request ended here, and nothing was opened.").waitFor();
});

onStage("a .torrent file is read and shown back, and one that is none is refused in words", "mara", async (act) => {
  const { page, window } = act;
  await visit(window, "/ask");
  const choose = async (name: string, buffer: Buffer): Promise<void> => {
    const choosing = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Choose a file" }).click();
    await (await choosing).setFiles({ name, mimeType: "application/x-bittorrent", buffer });
  };
  await choose("notes.torrent", Buffer.from("these are only notes"));
  await page.getByText("This could not be read as a torrent.").waitFor();
  await choose("new.torrent", Buffer.from(sampleTorrent("Readings", [{ path: "part one.pdf", bytes: 3_000_000 }])));
  await page.getByText("part one.pdf").waitFor();
  await page.getByText("3 MB in 1 file").waitFor();
});

onStage("a reviewer's question is answered on the request", "mara", async ({ window, page }) => {
  await visit(window, "/");
  await page.getByRole("link", { name: "Answer, so that it can be decided" }).click();
  await page.getByLabel("Your answer").fill("Only the validated part.");
  await page.getByRole("button", { name: "Send the answer" }).click();
  await page.getByLabel("Your answer").waitFor({ state: "detached" });
  await page.getByText("Only the validated part.").first().waitFor();
});

onStage("an approval can be narrowed, goes on to the next request, and a denial owes a reason", "ines", async (act) => {
  const { page, stage, window } = act;
  await visit(window, `/decide/${stage.at.pending}`);
  await page.getByText("may fetch").waitFor();
  await page.getByRole("button", { name: "Narrow" }).click();
  await page.getByLabel("For how long").selectOption({ label: "3 days" });
  await page.getByRole("button", { name: "Approve this" }).click();
  await page.getByRole("button", { name: "Do it now" }).click();
  await page.getByText("your approval counts").waitFor();
  const shown = await stage.ines.call("GET", `/api/v1/requests/${stage.at.pending}`);
  assert.equal((shown.body as { state: string }).state, "approved");
  await page.getByRole("button", { name: "Deny" }).first().click();
  const dialog = page.getByRole("dialog");
  assert.ok(await dialog.getByRole("button", { name: "Deny" }).isDisabled());
  await dialog.getByLabel("Why it is denied").fill("The library's mirror has it.");
  await dialog.getByRole("button", { name: "Deny" }).click();
  await page.getByRole("button", { name: "Do it now" }).click();
  await page.getByText("is denied. The person reads your reason.").waitFor();
});

onStage("a transfer moves as the device reports it, and a pause reaches the device", "mara", async (act) => {
  const { page, stage } = act;
  const { at } = stage;
  await visit(act.window, `/transfers/${at.transfer}`);
  await page.getByText("482 MB of 717 MB").waitFor();
  const shown = await stage.mara.call("GET", `/api/v1/transfers/${at.transfer}`);
  const { infoHash } = shown.body as { infoHash: string };
  const why = "Waiting for the last two pieces.";
  await report(stage.laptop, [running(at.grant, infoHash, { bytesDone: 600_000_000, why })]);
  await page.getByText("600 MB of 717 MB").waitFor();
  await page.getByText(why).waitFor();
  await page.getByText(/of 644 pieces here and verified/).waitFor();
  const sent = page.waitForResponse((response) => response.url().endsWith("/pause"));
  await page.getByRole("button", { name: "Pause" }).click();
  assert.equal((await sent).status(), 200);
});

onStage("quarantine says why each file is held and what to do", "mara", async ({ window, page }) => {
  await visit(window, "/quarantine");
  await page.getByText("Win.Trojan.Agent-1 was found.").waitFor();
  await page.getByText("It stays locked away.").waitFor();
  await page.getByText("The archive is encrypted, so the scanner cannot look inside.").waitFor();
});

onStage("a grant is returned with a reason", "mara", async ({ stage, window, page }) => {
  await visit(window, `/grants/${stage.at.grant}`);
  await page.getByRole("button", { name: "Return the grant" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Return the grant" }).click();
  await page.getByText("I no longer need it.").first().waitFor();
});

onStage("the record is searched and exported", "admin", async ({ stage, window, page }) => {
  await visit(window, "/audit");
  await page.getByText(/The chain has \d+ entries/).waitFor();
  await page.getByRole("searchbox").fill(stage.at.pending);
  await until("the search leaves only one request", async () => (await page.locator("tbody tr").count()) < 15);
  assert.ok(page.url().includes("q="));
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export CSV" }).click();
  assert.match((await download).suggestedFilename(), /\.csv$/);
});

onStage("a person is added and gets a link that signs them in", "admin", async ({ stage, window, page }) => {
  await visit(window, "/people");
  await page.getByRole("button", { name: "Add a person" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("Tomás Ferreira");
  await dialog.getByLabel("Sign-in name").fill("tomas.ferreira");
  await dialog.getByRole("button", { name: "Add the person" }).click();
  const link = (await dialog.locator("code").innerText()).trim();
  const newcomer = await openWindow(stage.browser, stage.portal.url);
  await newcomer.page.goto(link);
  await newcomer.page.getByRole("button", { name: "Sign in with this link" }).click();
  await newcomer.page.getByRole("heading", { name: "Hello, Tomás Ferreira" }).waitFor();
  assert.deepEqual(newcomer.faults, []);
});

onStage("a device is added by a command, and the pages turn dark when asked", "mara", async ({ window, page }) => {
  await visit(window, "/you");
  await page.getByRole("button", { name: "Add a device" }).click();
  await page.getByText(/swarmgate join http.* --token /).waitFor();
  await page.getByText("Dark", { exact: true }).click();
  const theme = () => page.evaluate(() => document.documentElement.dataset["theme"]);
  await until("the page is dark", async () => (await theme()) === "dark");
  await page.reload();
  assert.equal(await theme(), "dark");
});

onStage("a list renews itself when something happens", "ines", async ({ stage, window, page }) => {
  await visit(window, "/decide");
  const wish = { name: "Fresh", files: [{ path: "a.bin", bytes: 5_000_000 }], reason: "To see it arrive." };
  const id = await file(stage, stage.mara, stage.laptop, wish);
  await page.getByRole("link", { name: "Fresh" }).waitFor();
  await decided(stage.ines, id, "deny", "Seen.");
  await page.getByRole("link", { name: "Fresh" }).waitFor({ state: "detached" });
});

onStage("search, filter and order stay while a detail is opened and closed", "mara", async ({ window, page }) => {
  const kept = ({ searchParams }: URL): boolean =>
    searchParams.get("q") === "e" && searchParams.get("state") === "approved" && searchParams.get("sort") === "oldest";
  await visit(window, "/requests");
  await page.getByRole("searchbox").fill("e");
  await page.getByRole("combobox", { name: "Show" }).selectOption("approved");
  await page.getByRole("combobox", { name: "Order" }).selectOption("oldest");
  await page.waitForURL(kept);
  await page.locator(".row-link").first().click();
  await page.waitForURL((url) => kept(url) && /\/requests\/R-\d+$/.test(url.pathname));
  await page.getByRole("article").getByRole("link", { name: "My requests" }).click();
  await page.waitForURL((url) => kept(url) && url.pathname === "/requests");
  assert.equal(await page.getByRole("combobox", { name: "Order" }).inputValue(), "oldest");
});
