// Debian's Chromium as people use it: one window a person, and every fault that a page makes is kept.

import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { repositoryRoot } from "../../scripts/repository.ts";

const EXECUTABLE = "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const WAIT_MS = 40_000;
const PICTURES = join(repositoryRoot, "tests", ".artifacts", "browser");

export const browserMissing: string | false = existsSync(EXECUTABLE) ? false : "not installed: chromium";

export type Appearance = "light" | "dark" | "high contrast";
export const APPEARANCES: readonly Appearance[] = ["light", "dark", "high contrast"];

export type Look = { readonly appearance?: Appearance; readonly width?: number; readonly height?: number };

/** A window of somebody. `faults` fills with errors of scripts, refused resources and violations of the page's policy. */
export type Window = {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly faults: readonly string[];
};

export async function openChromium(t: { after(close: () => unknown): void }): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
  t.after(() => browser.close());
  return browser;
}

export async function openWindow(browser: Browser, url: string, look: Look = {}, cookie?: string): Promise<Window> {
  const { appearance = "light", width = 1440, height = 900 } = look;
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height },
    colorScheme: appearance === "dark" ? "dark" : "light",
    contrast: appearance === "high contrast" ? "more" : "no-preference",
    reducedMotion: "reduce",
    timezoneId: "Europe/London",
    locale: "en-GB",
  });
  context.setDefaultTimeout(WAIT_MS);
  const [name, value] = (cookie ?? "").split("=", 2);
  if (name && value) await context.addCookies([{ name, value, url, httpOnly: true, sameSite: "Strict" }]);
  const page = await context.newPage();
  return { page, context, faults: faultsOf(page) };
}

// A refusal (not signed in, not a torrent) is an answer and not a fault; the browser writes each into its console.
const EXPECTED = /status of 4\d\d/;

function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    if (message.type() === "error" && !EXPECTED.test(message.text())) faults.push(`console: ${message.text()}`);
  });
  return faults;
}

/** Goes to a page and waits until it shows what it came to show. */
export async function visit({ page }: Window, path: string): Promise<void> {
  await page.goto(path);
  await settled(page);
}

export async function settled(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor({ state: "attached" });
  await page.waitForFunction(() => document.querySelector(".skeleton") === null);
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

/** A picture to be looked at by people. */
export async function picture({ page }: Window, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  const file = `${name.replaceAll(/[^a-z0-9]+/gi, "-").replaceAll(/^-|-$/g, "")}.png`;
  await page.screenshot({ path: join(PICTURES, file) });
}
