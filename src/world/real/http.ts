// Node's HTTP client, pinned to one address and stripped of everything that acts by itself.

import type { ClientRequest, Agent as HttpAgent, IncomingMessage } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { isIPv6, type LookupFunction } from "node:net";
import { failure } from "../../base/failure.ts";
import { err, ok } from "../../base/result.ts";
import type { Http, HttpExchange, HttpHead } from "../http.ts";
import { sayHttpFailure } from "./http-words.ts";

const HEADER_BYTES_MAX = 16 * 1024;
const IDLE_MS_MAX = 15_000;

// Importing node:http also loads all of Node's fetch, for the sake of its export WebSocket, and every command would wait.
const http = () => process.getBuiltinModule("node:http");
const https = () => process.getBuiltinModule("node:https");
const tls = () => process.getBuiltinModule("node:tls");

// Web seeds are asked for one range after another: their connections are kept for a while. An agent keys its sockets by
// host name, so each address has its own, or a pinned address would be forgotten.
const agents = new Map<string, HttpAgent | HttpsAgent>();
const AGENTS_MAX = 100;

export const realHttp: Http = {
  exchange(exchange) {
    return new Promise((resolve) => {
      const end = (error?: Error) => {
        clearTimeout(timer);
        exchange.signal?.removeEventListener("abort", abort);
        resolve(error ? err(failedWith(exchange, error)) : ok());
      };
      const request = open(exchange);
      const cut = (why: string) => request.destroy(new Error(why));
      const abort = () => cut("cancelled");
      const timer = setTimeout(() => cut("no answer in time"), exchange.timeoutMs);
      exchange.signal?.addEventListener("abort", abort, { once: true });
      request.once("error", end);
      request.once("response", (response) => readResponse(exchange, request, response, end));
      request.end();
      if (exchange.signal?.aborted) abort();
    });
  },
};

function open(exchange: HttpExchange): ClientRequest {
  const url = new URL(exchange.url);
  const options = {
    headers: exchange.headers,
    maxHeaderSize: HEADER_BYTES_MAX,
    insecureHTTPParser: false,
    agent: agentFor(url, exchange.address),
    lookup: pinnedTo(exchange.address),
  };
  if (url.protocol === "http:") return http().request(url, options);
  const roots = exchange.trustedRoots ?? [];
  return https().request(url, {
    ...options,
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
    ...(roots.length > 0 && { ca: [...tls().rootCertificates, ...roots] }),
  });
}

/** Whatever is looked up, this is the answer. */
function pinnedTo(address: string): LookupFunction {
  const family = isIPv6(address) ? 6 : 4;
  return (_host, options, callback) =>
    options.all ? callback(null, [{ address, family }]) : callback(null, address, family);
}

function agentFor(url: URL, address: string): HttpAgent | HttpsAgent {
  const key = `${url.protocol} ${address}`;
  const known = agents.get(key);
  if (known) return known;
  const [oldest] = agents.keys();
  if (oldest !== undefined && agents.size >= AGENTS_MAX) {
    agents.get(oldest)?.destroy();
    agents.delete(oldest);
  }
  const settings = { keepAlive: true, timeout: IDLE_MS_MAX, maxSockets: 8 };
  const agent = url.protocol === "http:" ? new (http().Agent)(settings) : new (https().Agent)(settings);
  agents.set(key, agent);
  return agent;
}

function readResponse(
  exchange: HttpExchange,
  request: ClientRequest,
  response: IncomingMessage,
  end: (error?: Error) => void,
): void {
  request.removeListener("error", end);
  let cutByReader = false;
  const stop = () => {
    cutByReader = true;
    request.destroy();
  };
  request.on("error", (error) => (cutByReader ? end() : end(error)));
  response.on("error", (error) => (cutByReader ? end() : end(error)));
  response.once("close", () => end(cutByReader || response.complete ? undefined : new Error("it cut the connection")));
  if (!exchange.onHead(headOf(response))) {
    stop();
    return;
  }
  response.on("data", (chunk: Buffer) => {
    if (!cutByReader && !exchange.onBody(chunk)) stop();
  });
}

function headOf(response: IncomingMessage): HttpHead {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return { status: response.statusCode ?? 0, headers };
}

function failedWith(exchange: HttpExchange, error: Error) {
  return failure("engine.http_failed", { host: new URL(exchange.url).host, why: sayHttpFailure(error) }, error);
}
