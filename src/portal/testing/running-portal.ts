// For tests: a real portal on a folder of its own and a port of its own, with clients that check every reply.

import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Value } from "typebox/value";
import { assert } from "../../base/assert.ts";
import type { Failure } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import type { Role } from "../../domain/person.ts";
import { proveCall } from "../../wire/api/device-proof.ts";
import { DEVICE_AUTH_SCHEME } from "../../wire/api/v1/device-auth.ts";
import { Problem } from "../../wire/api/v1/problem.ts";
import type { Route } from "../../wire/api/v1/route.ts";
import { ROUTES } from "../../wire/api/v1/routes.ts";
import type { WallMs } from "../../world/clock.ts";
import { realClock } from "../../world/real/clock.ts";
import { realEntropy } from "../../world/real/entropy.ts";
import { lockFolder } from "../../world/real/folder-lock.ts";
import { realNet } from "../../world/real/net.ts";
import { realRandom } from "../../world/real/random.ts";
import { openSqlite } from "../../world/real/sqlite.ts";
import { portalLogger } from "../logger.ts";
import type { PortalAdapters } from "../open.ts";
import { DEFAULT_SETTINGS, type Settings } from "../settings.ts";
import { type PortalOptions, type RunningPortal, startPortal } from "../start.ts";

export type Reply = {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; the text for anything else. */
  readonly body: unknown;
  readonly text: string;
};

export type CallOptions = {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Client = { call(method: string, path: string, options?: CallOptions): Promise<Reply> };
export type PersonClient = Client & { readonly id: string; readonly token: string; readonly cookie: string };
export type DeviceClient = Client & {
  readonly id: string;
  readonly key: KeyObject;
  proof(method: string, path: string, body: Uint8Array, change?: Partial<ProofChange>): Promise<string>;
};
type ProofChange = { nowMs: number; nonce: string; key: KeyObject; deviceId: string };

export type TestPortal = {
  readonly url: string;
  readonly dataDir: string;
  readonly running: RunningPortal;
  readonly logs: string[];
  /** Moves the portal's clock on. */
  advance(ms: number): void;
  /** Stops and starts on the same folder. */
  restart(): Promise<void>;
  client(headers?: Readonly<Record<string, string>>): Client;
  person(login: string, roles: readonly Role[], password?: string): Promise<PersonClient>;
  device(owner: PersonClient, kind?: "ed25519" | "p256", name?: string): Promise<DeviceClient>;
};

export const QUICK_COST = { memoryKiB: 64, passes: 1 };
const ANY_RATE = { burst: 1_000_000, perSecond: 1_000_000 };

export function must<T>(result: Result<T, Failure>): T {
  assert(result.ok, `refused: ${result.ok ? "" : result.error.code}`);
  return result.value;
}

export function testAdapters(aheadMs: () => number): PortalAdapters {
  const wallMs = () => (realClock.wallMs() + aheadMs()) as WallMs;
  return {
    world: { clock: { ...realClock, wallMs }, entropy: realEntropy, random: realRandom, net: realNet },
    openDatabase: (path) => openSqlite(path),
    lockFolder,
  };
}

/** Whoever ends the portal: a test, or the file that several tests share it in. */
export type PortalOwner = { after(close: () => Promise<void>): void };

export async function testPortal(
  t: PortalOwner,
  change: Partial<Settings> = {},
  more: Partial<PortalOptions> = {},
): Promise<TestPortal> {
  const dataDir = more.dataDir ?? mkdtempSync(join(tmpdir(), "portal-"));
  const logs: string[] = [];
  let aheadMs = 0;
  const options: PortalOptions = {
    dataDir,
    settings: { ...DEFAULT_SETTINGS, port: 0, ...change },
    passwordCost: QUICK_COST,
    pagesDir: join(dataDir, "no-pages"),
    logger: portalLogger("debug", { write: (line) => void logs.push(line) }),
    callRates: { known: ANY_RATE, unknown: ANY_RATE },
    ...more,
  };
  let running = must(
    await startPortal(
      options,
      testAdapters(() => aheadMs),
    ),
  );
  t.after(async () => {
    await running.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const portal: TestPortal = {
    get url() {
      return running.url;
    },
    get running() {
      return running;
    },
    dataDir,
    logs,
    advance: (ms) => void (aheadMs += ms),
    async restart() {
      await running.close();
      running = must(
        await startPortal(
          options,
          testAdapters(() => aheadMs),
        ),
      );
    },
    client: (headers = {}) => ({ call: (method, path, call) => send(running.url, method, path, call, headers) }),
    person: (login, roles, password) => signedIn(portal, login, roles, password),
    device: (owner, kind = "ed25519", name = `${owner.id}'s computer`) =>
      joined(portal, owner, { kind, name }, () => realClock.wallMs() + aheadMs),
  };
  return portal;
}

async function signedIn(
  portal: TestPortal,
  login: string,
  roles: readonly Role[],
  password?: string,
): Promise<PersonClient> {
  const existing = await portal.running.findPerson(login);
  const person =
    existing ??
    must(
      await portal.running.addPerson({
        login,
        name: login,
        roles: [...roles],
        ...(password === undefined ? {} : { password }),
      }),
    );
  const link = must(await portal.running.signInLink(person.id));
  const token = link.url.split("#token=")[1] ?? "";
  const reply = await portal.client({ "x-swarmgate": "1" }).call("POST", "/api/v1/session/link", { body: { token } });
  const cookie = (reply.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const client = portal.client({ cookie, "x-swarmgate": "1" });
  return { ...client, id: person.id, token: cookie.split("=")[1] ?? "", cookie };
}

async function joined(
  portal: TestPortal,
  owner: PersonClient,
  { kind, name }: { readonly kind: "ed25519" | "p256"; readonly name: string },
  nowMs: () => number,
): Promise<DeviceClient> {
  const { token } = must(await portal.running.joinToken(owner.id));
  const pair = kind === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicKeyJwk = pair.publicKey.export({ format: "jwk" });
  const reply = await portal.client().call("POST", "/api/v1/join", {
    body: { token, publicKeyJwk, name, platform: "test" },
  });
  assert(reply.status === 200, `join: ${reply.text}`);
  const id = textOf(reply, "deviceId");
  const algorithm = kind === "ed25519" ? "EdDSA" : "ES256";
  const proof: DeviceClient["proof"] = (method, path, body, change = {}) =>
    proveCall(
      { method, path, body },
      {
        deviceId: change.deviceId ?? id,
        key: { key: change.key ?? pair.privateKey, algorithm },
        nonce: change.nonce ?? randomBytes(16).toString("base64url"),
        nowMs: change.nowMs ?? nowMs(),
      },
    );
  return {
    id,
    key: pair.privateKey,
    proof,
    async call(method, path, options = {}) {
      const bytes = bodyOf(options.body);
      const jws = await proof(method, path, bytes ?? new Uint8Array());
      const headers = { authorization: `${DEVICE_AUTH_SCHEME} ${jws}`, ...options.headers };
      return send(portal.url, method, path, { ...options, headers }, {});
    },
  };
}

function bodyOf(body: unknown): Uint8Array | undefined {
  if (body === undefined) return undefined;
  return body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
}

async function send(
  url: string,
  method: string,
  path: string,
  options: CallOptions = {},
  fixed: Readonly<Record<string, string>>,
): Promise<Reply> {
  const bytes = bodyOf(options.body);
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(bytes === undefined ? {} : { "content-type": "application/json" }),
      ...fixed,
      ...options.headers,
    },
    ...(bytes === undefined ? {} : { body: new Uint8Array(bytes) }),
    redirect: "manual",
  });
  const text = await response.text();
  const isJson = /json(;|$)/.test(response.headers.get("content-type") ?? "");
  const reply: Reply = {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
    text,
  };
  checkReply(method, path, reply);
  return reply;
}

/** Every reply in every test is what the table of routes says, or a problem detail. */
function checkReply(method: string, path: string, reply: Reply): void {
  if (reply.status >= 400) {
    if (path.startsWith("/api/")) Value.Assert(Problem, reply.body);
    return;
  }
  const bare = path.split("?")[0] ?? "";
  for (const route of Object.values<Route>(ROUTES)) {
    const pattern = new RegExp(`^${route.path.replaceAll(/:\w+/g, "[^/]+")}$`);
    if (route.method !== method || !pattern.test(bare) || route.reply === undefined) continue;
    // A fixed path such as /requests/preview also fits /requests/:id; the exact one comes first.
    if (
      route.path !== bare &&
      Object.values<Route>(ROUTES).some((other) => other.path === bare && other.method === method)
    ) {
      continue;
    }
    Value.Assert(route.reply, reply.body);
  }
}

/** A text member of a reply's body. */
export function textOf(reply: Reply, member: string): string {
  const value = memberOf(reply.body, member);
  assert(typeof value === "string", `${member} is no text in ${reply.text.slice(0, 300)}`);
  return value;
}

export function memberOf(value: unknown, member: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.getOwnPropertyDescriptor(value, member)?.value
    : undefined;
}
