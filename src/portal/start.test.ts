import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { memberOf, must, testAdapters, testPortal, textOf } from "./testing/running-portal.ts";

test("a first start makes an administrator, whose link signs in once", async (t) => {
  const portal = await testPortal(t);
  const link = must(await portal.running.signInLink(portal.running.administrator.id));
  const token = link.url.split("#token=")[1];
  const client = portal.client({ "x-swarmgate": "1" });
  const first = await client.call("POST", "/api/v1/session/link", { body: { token } });
  assert.equal(first.status, 200);
  const again = await client.call("POST", "/api/v1/session/link", { body: { token } });
  assert.equal(again.status, 401);
  assert.equal(textOf(again, "code"), "portal.link_spent");
});

test("the root key is readable by nobody else", async (t) => {
  const portal = await testPortal(t);
  assert.equal(statSync(join(portal.dataDir, "portal", "root.key")).mode & 0o777, 0o600);
});

test("a stop and a start lose nothing", async (t) => {
  const portal = await testPortal(t);
  const member = await portal.person("mia", ["member"]);
  await portal.restart();
  const me = await portal.client({ cookie: member.cookie }).call("GET", "/api/v1/me");
  assert.equal(me.status, 200);
  assert.equal(memberOf(memberOf(me.body, "person"), "login"), "mia");
});

test("H150: a second portal on the same folder is refused", async (t) => {
  const portal = await testPortal(t);
  const { startPortal } = await import("./start.ts");
  const { DEFAULT_SETTINGS } = await import("./settings.ts");
  const { portalLogger } = await import("./logger.ts");
  const second = await startPortal(
    {
      dataDir: portal.dataDir,
      settings: { ...DEFAULT_SETTINGS, port: 0 },
      pagesDir: portal.dataDir,
      logger: portalLogger("silent", { write: () => undefined }),
    },
    testAdapters(() => 0),
  );
  assert.equal(second.ok ? "started" : second.error.code, "portal.data_in_use");
});

test("a policy is on the record when it is first in force and when it changes, not at every start", async (t) => {
  const portal = await testPortal(t);
  await portal.restart();
  const auditor = await portal.person("rolf", ["reviewer"]);
  const record = await auditor.call("GET", "/api/v1/audit?q=policy.changed");
  assert.equal(memberOf(record.body, "total"), 1);
  const started = await auditor.call("GET", "/api/v1/audit?q=portal.started");
  assert.equal(memberOf(started.body, "total"), 2);
});
