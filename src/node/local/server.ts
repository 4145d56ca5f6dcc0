// The node's API for the command on the same computer: HTTP over a socket in a folder that only its owner can enter.

import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { type Failure, failure } from "../../base/failure.ts";
import { err, type Result } from "../../base/result.ts";
import { entryOf } from "../../domain/errors/table.ts";
import type { Route } from "../../wire/api/v1/route.ts";
import { LOCAL_HOST, LOCAL_ROUTES, type LocalRouteName } from "../../wire/local/routes.ts";

const BODY_BYTES_MAX = 16 * 1024 * 1024;
/** sun_path holds 108 bytes on Linux and 104 on macOS, with the closing NUL. */
const SOCKET_PATH_BYTES_MAX = 100;

type BodyOf<R extends Route> = R["body"] extends TSchema ? Static<R["body"]> : undefined;
type ReplyOf<R extends Route> = R["reply"] extends TSchema ? Static<R["reply"]> : never;
type RouteOf<Name extends LocalRouteName> = (typeof LOCAL_ROUTES)[Name];

export type LocalHandlers = {
  readonly [Name in LocalRouteName]: (call: {
    readonly id: string;
    readonly body: BodyOf<RouteOf<Name>>;
  }) => Promise<Result<ReplyOf<RouteOf<Name>>, Failure>>;
};

export class LocalServer {
  readonly socketPath: string;
  readonly #server: Server;

  private constructor(server: Server, socketPath: string) {
    this.#server = server;
    this.socketPath = socketPath;
  }

  /** Throws what the kernel says about the socket. `tempFolder` serves when the data folder's path is too long. */
  static async open(
    place: { readonly folder: string; readonly tempFolder: string },
    handlers: LocalHandlers,
  ): Promise<LocalServer> {
    const socketPath = socketPathFor(place);
    rmSync(socketPath, { force: true });
    const server = createServer((request, response) => void answer(request, response, handlers));
    await new Promise<void>((settle, refuse) => {
      server.once("error", refuse);
      server.listen(socketPath, settle);
    });
    if (process.platform !== "win32") chmodSync(socketPath, 0o600);
    const record = JSON.stringify({ socket: socketPath, pid: process.pid });
    writeFileSync(join(place.folder, "local.json"), `${record}\n`, { mode: 0o600 });
    return new LocalServer(server, socketPath);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((settle) => this.#server.close(() => settle()));
  }
}

function socketPathFor(place: { readonly folder: string; readonly tempFolder: string }): string {
  if (process.platform === "win32") return `\\\\.\\pipe\\swarmgate-${Buffer.from(place.folder).toString("hex")}`;
  const near = join(place.folder, "local.sock");
  if (Buffer.byteLength(near) <= SOCKET_PATH_BYTES_MAX) return near;
  const folder = join(place.tempFolder, `swarmgate-${process.pid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  return join(folder, "local.sock");
}

async function answer(request: IncomingMessage, response: ServerResponse, handlers: LocalHandlers): Promise<void> {
  const result = await handled(request, handlers).catch((thrown: unknown) => {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return err(failure("cli.internal_error", { detail }, thrown));
  });
  const status = result.ok ? 200 : entryOf(result.error.code).status;
  const body = result.ok ? result.value : { code: result.error.code, data: result.error.data };
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}

async function handled(request: IncomingMessage, handlers: LocalHandlers): Promise<Result<unknown, Failure>> {
  // H164: DNS rebinding makes a browser send another name. The socket alone would do; this holds on a port as well.
  const host = request.headers.host ?? "";
  if (host !== LOCAL_HOST) return err(failure("node.host_refused", { host }));
  const found = routeOf(request.method ?? "", request.url ?? "");
  if (!found) return err(failure("node.route_unknown", { path: request.url ?? "" }));
  const route: Route = LOCAL_ROUTES[found.name];
  const body = route.body === undefined ? undefined : await jsonBody(request);
  if (route.body !== undefined && !Value.Check(route.body, body)) {
    const [first] = Value.Errors(route.body, body);
    const detail = `${first?.instancePath || "its body"} ${first?.message ?? "has another form"}`;
    return err(failure("node.call_invalid", { detail }));
  }
  // The table's schema has just proved the type that the handler of this very route takes.
  const handler = handlers[found.name] as (call: { id: string; body: unknown }) => Promise<Result<unknown, Failure>>;
  return handler({ id: found.id, body });
}

function routeOf(method: string, path: string): { name: LocalRouteName; id: string } | undefined {
  for (const [name, route] of Object.entries(LOCAL_ROUTES)) {
    if (route.method !== method) continue;
    const pattern = new RegExp(`^${route.path.replace(":id", "([A-Za-z0-9_-]{1,64})")}$`, "u");
    const match = pattern.exec(path);
    if (match) return { name: name as LocalRouteName, id: match[1] ?? "" };
  }
  return undefined;
}

async function jsonBody(request: IncomingMessage): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request) {
    if (!(part instanceof Uint8Array)) return undefined;
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    return undefined;
  }
}
