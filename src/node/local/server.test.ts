import assert from "node:assert/strict";
import { lstatSync, mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { failure } from "../../base/failure.ts";
import { err, ok } from "../../base/result.ts";
import { LOCAL_HOST } from "../../wire/local/routes.ts";
import { type LocalHandlers, LocalServer } from "./server.ts";

const base = mkdtempSync(join(tmpdir(), "local-test-"));
after(() => rmSync(base, { recursive: true }));

const unknown = () => Promise.resolve(err(failure("node.not_joined")));
const done = () => Promise.resolve(ok({ done: true as const, says: "It is paused." }));
const handlers: LocalHandlers = {
  status: unknown,
  checks: unknown,
  join: unknown,
  get: unknown,
  asked: unknown,
  transfers: () => Promise.resolve(ok({ transfers: [], requests: null })),
  transfer: unknown,
  pause: done,
  resume: unknown,
  remove: unknown,
  quarantine: unknown,
  held: unknown,
  destroy: unknown,
  release: unknown,
};

type Call = { method?: string; path: string; host?: string; body?: string };

function call(socketPath: string, { method = "GET", path, host = LOCAL_HOST, body }: Call): Promise<[number, string]> {
  return new Promise((settle, refuse) => {
    const sent = request({ socketPath, method, path, headers: { host }, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("end", () => settle([response.statusCode ?? 0, text]));
    });
    sent.on("error", refuse);
    sent.end(body);
  });
}

async function withServer(folder: string, step: (server: LocalServer) => Promise<void>): Promise<void> {
  const server = await LocalServer.open({ folder, tempFolder: base }, handlers);
  try {
    await step(server);
  } finally {
    await server.close();
  }
}

test("only the owner can open the socket, and calls are answered in the form of the table", async () => {
  await withServer(base, async ({ socketPath }) => {
    assert.equal(lstatSync(socketPath).mode & 0o777, 0o600);
    assert.deepEqual(await call(socketPath, { path: "/v1/transfers" }), [200, '{"transfers":[],"requests":null}']);
    const [status, text] = await call(socketPath, { method: "POST", path: "/v1/transfers/G-1/pause", body: "{}" });
    assert.equal(status, 200);
    assert.match(text, /paused/);
  });
});

test("H164: another Host is answered with 421, whatever the call", async () => {
  await withServer(base, async ({ socketPath }) => {
    for (const host of ["localhost", "127.0.0.1", "evil.example", `${LOCAL_HOST}.evil.example`]) {
      assert.equal((await call(socketPath, { path: "/v1/transfers", host }))[0], 421, host);
    }
  });
});

test("unknown paths, wrong bodies and failures have their codes", async () => {
  await withServer(base, async ({ socketPath }) => {
    assert.equal((await call(socketPath, { path: "/v1/nothing" }))[0], 404);
    assert.equal((await call(socketPath, { path: "/v1/transfers/..%2f..%2f/pause", method: "POST" }))[0], 404);
    for (const body of ["", "[]", '{"durationSeconds":1}', '{"durationSeconds":"60"}', "{".repeat(100_000)]) {
      const [status, text] = await call(socketPath, { method: "POST", path: "/v1/get", body });
      assert.equal(status, 400, body.slice(0, 30));
      assert.match(text, /node\.call_invalid/);
    }
    assert.match((await call(socketPath, { path: "/v1/status" }))[1], /node\.not_joined/);
  });
});

test("a folder whose path is too long for a socket gets one elsewhere, for its owner alone", async () => {
  const deep = mkdtempSync(join(base, "d".repeat(120)));
  await withServer(deep, async ({ socketPath }) => {
    assert.ok(Buffer.byteLength(socketPath) < 104);
    assert.equal((await call(socketPath, { path: "/v1/transfers" }))[0], 200);
  });
});
