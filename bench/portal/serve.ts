// The portal's process of the benchmark: starts, signs two people in, tells its parent, waits to be stopped.

import { PORTAL_ADAPTERS } from "../../src/cli/portal/adapters.ts";
import { portalLogger } from "../../src/portal/logger.ts";
import { DEFAULT_SETTINGS } from "../../src/portal/settings.ts";
import { startPortal } from "../../src/portal/start.ts";
import type { Session } from "../../src/wire/api/v1/person.ts";

const dataDir = process.argv[2] ?? "";
const many = { burst: 1_000_000, perSecond: 1_000_000 };
const started = await startPortal(
  {
    dataDir,
    settings: { ...DEFAULT_SETTINGS, port: 0 },
    pagesDir: dataDir,
    logger: portalLogger("warn", process.stderr),
    callRates: { known: many, unknown: many },
  },
  PORTAL_ADAPTERS,
);
if (!started.ok) throw new Error(started.error.code);
const portal = started.value;

async function token(personId: string): Promise<string> {
  const link = await portal.signInLink(personId);
  if (!link.ok) throw new Error(link.error.code);
  const reply = await fetch(`${portal.url}/api/v1/session/link`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-swarmgate": "1" },
    body: JSON.stringify({ token: link.value.url.split("#token=")[1] }),
  });
  const session = (await reply.json()) as Session;
  return session.token;
}

const member = (await portal.findPerson("user5")) ?? portal.administrator;
process.send?.({ url: portal.url, reviewer: await token(portal.administrator.id), member: await token(member.id) });
process.once("message", () => {
  void portal.close().then(() => process.exit(0));
});
