// What `swarmgate doctor` asks of a running node: each check says what it looked at, what is wrong and why, what to do.

import { statfsSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatEndpoint } from "../domain/address/endpoint.ts";
import { DEVICE_AUTH_SKEW_SECONDS } from "../wire/api/v1/device-auth.ts";
import type { Check } from "../wire/local/status.ts";
import { bad, good } from "./check.ts";
import type { NodeCore } from "./core.ts";
import { checkGate } from "./gate-check.ts";
import type { PortalClient } from "./portal/client.ts";
import { checkReach, type ReachParts } from "./reach/reach-check.ts";
import { eicarBytes } from "./scan/eicar.ts";

const FREE_BYTES_MIN = 1024 * 1024 * 1024;

export type CheckedNode = ReachParts & {
  readonly enrolment: { readonly deviceId: string };
};

export async function checkNode(node: CheckedNode): Promise<Check[]> {
  const { core, client, enrolment } = node;
  return [
    ...(await checkPortal(core, client)),
    checkRevocations(core),
    await checkScanner(core),
    checkFolder("quarantine", core.quarantine.folder, 0o700),
    checkSpace(core),
    checkListening(core),
    ...(await checkReach(node)),
    ...(await checkGate(client, enrolment.deviceId)),
  ];
}

async function checkPortal(core: NodeCore, client: PortalClient): Promise<Check[]> {
  const name = "portal";
  const what = `The portal at ${client.url} answers.`;
  const opened = await client.open({ method: "GET", path: "/healthz" }, 5_000);
  if (!opened.ok) {
    const why = String(opened.error.data["detail"]);
    return [bad(name, what, why, "Check the network and that the portal is running; running transfers go on.")];
  }
  opened.value.resume();
  const portalMs = Date.parse(String(opened.value.headers.date));
  const seconds = Math.round(Math.abs(core.clock.wallMs() - portalMs) / 1000);
  const clock = "This computer's clock agrees with the portal's.";
  if (!(seconds < DEVICE_AUTH_SKEW_SECONDS)) {
    const next = "Turn on network time; until then the portal refuses this computer.";
    return [good(name, what), bad("clock", clock, `They differ by ${seconds} seconds.`, next)];
  }
  return [good(name, what), good("clock", clock), ...(await checkPages(client))];
}

async function checkPages(client: PortalClient): Promise<Check[]> {
  const what = "The portal serves its pages.";
  const page = await client.bytes({ method: "GET", path: "/", headers: { accept: "text/html" } });
  if (page.ok && page.value.includes("<!doctype html")) return [good("pages", what)];
  return [bad("pages", what, "They are not built.", "Run `npm start` on the portal's computer, which builds them.")];
}

function checkRevocations(core: NodeCore): Check {
  const what = "The list of revoked grants is fresh.";
  const leftMs = core.keeper.revocationsFreshMs();
  if (leftMs !== undefined && leftMs > 0) return good("revocations", what);
  const why = leftMs === undefined ? "None was received yet." : "The held one is too old to be trusted.";
  return bad(
    "revocations",
    what,
    why,
    "Nothing is fetched until the portal sends one; it does so when it is reachable.",
  );
}

async function checkScanner(core: NodeCore): Promise<Check> {
  const what = `The scanner finds the EICAR test file (${await core.scanner.engines()}).`;
  const path = join(core.quarantine.spoolFolder, "doctor.held");
  writeFileSync(path, eicarBytes(), { mode: 0o600 });
  const { verdict } = await core.scanner.scan({ path, name: "doctor" });
  unlinkSync(path);
  if (verdict.outcome === "infected") return good("scanner", what);
  return bad("scanner", what, verdict.why, "Nothing is released until the scanner works. Restart the node.");
}

function checkFolder(name: string, folder: string, modeBits: number): Check {
  const what = `Only you can enter ${folder}.`;
  const mode = statSync(folder).mode & 0o777;
  if (process.platform === "win32" || mode === modeBits) return good(name, what);
  return bad(name, what, `Its mode is ${mode.toString(8)}.`, `Run: chmod ${modeBits.toString(8)} '${folder}'`);
}

function checkSpace(core: NodeCore): Check {
  const what = "There is space for downloads.";
  const disk = statfsSync(core.quarantine.folder);
  const freeBytes = disk.bavail * disk.bsize;
  if (freeBytes >= FREE_BYTES_MIN) return good("space", what);
  const megabytes = Math.round(freeBytes / 1_000_000);
  return bad("space", what, `Only ${megabytes} MB are free.`, "Delete what is no longer needed, or use --data.");
}

function checkListening(core: NodeCore): Check {
  const places = core.engine.listening().map(formatEndpoint);
  const what = "Other members of a swarm can reach this computer.";
  if (places.length > 0) return good("listening", `${what} (${places.join(", ")})`);
  return bad("listening", what, "No port is open for peers.", "Start the node with --listen, or go on: it only dials.");
}
