// The portal's commands as processes: what a reviewer and an administrator do from a terminal.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { SWARMGATE } from "../lab/swarmgate.ts";

type Outcome = {
  readonly code: number;
  readonly out: string;
  readonly json: Record<string, unknown>;
  readonly err: string;
};

const MAGNET = `magnet:?xt=urn:btih:${"ab".repeat(20)}&dn=climate-data`;

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "portal-commands-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(SWARMGATE, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err] = [gather(child.stdout), gather(child.stderr)];
  const [code] = await once(child, "close");
  const text = out();
  return { code: Number(code), out: text, json: args.includes("--json") ? lastJson(text) : {}, err: err() };
}

function gather(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

function lastJson(text: string): Record<string, unknown> {
  return JSON.parse(text.trim().split("\n").at(-1) || "{}");
}

type Running = { readonly child: ChildProcess; readonly url: string; readonly link: string };

async function startPortal(t: TestContext, data: string): Promise<Running> {
  const child = spawn(SWARMGATE, ["portal", "--data", data, "--port", "0", "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  const err = gather(child.stderr);
  const [line] = await Promise.race([
    once(child.stdout, "data"),
    once(child, "close").then(() => assert.fail(`the portal ended: ${err()}`)),
  ]);
  const { url, signInLink } = lastJson(String(line));
  return { child, url: String(url), link: String(signInLink) };
}

async function stop({ child }: Running): Promise<void> {
  const closed = once(child, "close");
  child.kill("SIGTERM");
  assert.deepEqual(await closed, [0, null]);
}

test("from the first start to a grant that is revoked, by commands alone", async (t) => {
  const data = folder(t);
  const portal = await startPortal(t, data);
  const [admin, rolf, mia] = ["admin", "rolf", "mia"].map((name) => join(data, name));
  assert.ok(admin && rolf && mia);
  assert.equal((await run(["sign-in", "--link", portal.link, "--data", admin])).code, 0);
  assert.equal(statSync(join(admin, "sessions.json")).mode & 0o777, 0o600);
  const again = await run(["sign-in", "--link", portal.link, "--data", admin, "--json"]);
  assert.equal(again.code, 3, "a link works once");
  for (const [login, role, home] of [
    ["rolf", "reviewer", rolf],
    ["mia", "member", mia],
  ] as const) {
    const added = await run(["person", "add", login, "--roles", role, "--data", admin, "--json"]);
    assert.equal((await run(["sign-in", "--link", String(added.json["signInLink"]), "--data", home])).code, 0);
  }
  const refused = await run(["person", "add", "eve", "--data", mia, "--json"]);
  assert.equal(refused.code, 3);
  const device = await enrol(portal.url, mia);
  const ask = ["request", "new", MAGNET, "--reason", "for my thesis", "--for", "2h", "--data", mia, "--json"];
  assert.equal((await run(ask)).code, 2, "without having read the policy");
  const filed = await run([...ask, "--accept-policy"]);
  assert.equal(filed.code, 0, filed.out);
  assert.equal(filed.json["id"], "R-1");
  assert.equal((await run(["request", "approve", "R-1", "--data", mia])).code, 3, "a member decides nothing");
  assert.equal((await run(["request", "approve", "R-77", "--data", rolf])).code, 4);
  assert.match((await run(["request", "list", "--scope", "decide", "--data", rolf])).out, /R-1 .*●◐○○○○.*climate-data/);
  const approved = await run(["request", "approve", "R-1", "--reason", "fine", "--data", rolf, "--json"]);
  assert.equal(approved.json["state"], "approved");
  const grantId = String(approved.json["grantId"]);
  const shown = await run(["grant", "show", grantId, "--data", mia, "--json"]);
  assert.match(JSON.stringify(shown.json["claims"]), new RegExp(device));
  const revoked = await run(["grant", "revoke", grantId, "--reason", "wrong data", "--data", rolf, "--json"]);
  assert.equal(revoked.json["state"], "revoked");
  assert.equal((await run(["grant", "return", grantId, "--data", mia])).code, 3, "it has ended already");
  await stop(portal);
  const offline = await run(["request", "list", "--data", rolf, "--json"]);
  assert.equal(offline.code, 1);
});

/** What `swarmgate join` does, here without a node. */
async function enrol(url: string, home: string): Promise<string> {
  const { generateKeyPairSync } = await import("node:crypto");
  const sessions: { token: string }[] = JSON.parse(readFileSync(join(home, "sessions.json"), "utf8"));
  const post = async (path: string, body: unknown, headers: Record<string, string>) => {
    const reply = await fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    const value: Record<string, unknown> = JSON.parse(await reply.text());
    return value;
  };
  const { token } = await post("/api/v1/join-tokens", {}, { authorization: `Bearer ${sessions[0]?.token}` });
  const publicKeyJwk = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
  const joined = await post("/api/v1/join", { token, publicKeyJwk, name: "laptop", platform: "linux" }, {});
  return String(joined["deviceId"]);
}

test("H152: the record verifies after a stop, after a kill, and not after one byte was changed", async (t) => {
  const data = folder(t);
  const verify = () => run(["audit", "verify", "--data", data, "--json"]);
  assert.equal((await verify()).code, 4, "there is no portal yet");
  const first = await startPortal(t, data);
  assert.equal((await verify()).code, 0, "while the portal runs");
  await stop(first);
  const before = (await verify()).json;
  const second = await startPortal(t, data);
  second.child.kill("SIGKILL");
  await once(second.child, "close");
  const after = (await verify()).json;
  assert.ok(Number(after["records"]) > Number(before["records"]));
  const lines = (await run(["audit", "export", "--data", data])).out.trimEnd().split("\n");
  assert.equal(lines.length, after["records"]);
  const third = await startPortal(t, data);
  await stop(third);
  const path = join(data, "portal", "portal.db");
  const file = readFileSync(path);
  const at = file.indexOf("portal.started");
  file[at] = (file[at] ?? 0) ^ 1;
  writeFileSync(path, file);
  const damaged = await verify();
  assert.equal(damaged.code, 5);
  assert.match(damaged.out, /portal\.record_damaged/);
});

test("H150: a second portal on the same folder ends with a reason", async (t) => {
  const data = folder(t);
  const first = await startPortal(t, data);
  const second = await run(["portal", "--data", data, "--port", "0", "--json"]);
  assert.equal(second.code, 1);
  assert.match(second.out, /portal\.data_in_use/);
  await stop(first);
  const third = await startPortal(t, data);
  await stop(third);
});

test("settings that cannot be used are refused with the place of the fault", async (t) => {
  const data = folder(t);
  const config = join(data, "settings.json");
  for (const [text, fault] of [
    ["{", /not JSON/],
    ['{"port":"80"}', /port/],
    ['{"publicUrl":"ftp://x"}', /publicUrl/],
    ['{"surprise":1}', /surprise|additional/i],
  ] as const) {
    writeFileSync(config, text);
    const refused = await run(["portal", "--data", data, "--config", config, "--json"]);
    assert.equal(refused.code, 2, text);
    assert.match(refused.out, fault);
  }
});
