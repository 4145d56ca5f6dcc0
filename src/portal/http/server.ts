// The portal's HTTP server: limits, headers, guards, then the routes of the table.

import fastifyCookie from "@fastify/cookie";
import fastifyHelmet from "@fastify/helmet";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from "fastify";
import { FailureError, failure } from "../../base/failure.ts";
import { TORRENT_BYTES_MAX, TORRENT_MEDIA_TYPE } from "../../wire/api/v1/torrent.ts";
import type { Core } from "../core.ts";
import { keepBodyBytes } from "./authenticate.ts";
import { checkHost } from "./guard.ts";
import { registerOpenApi } from "./openapi.ts";
import { registerPages } from "./pages.ts";
import { sendFailure, sendThrown } from "./problem-reply.ts";
import { type CallRates, registerRoutes } from "./routes.ts";
import { registerTracker } from "./tracker-route.ts";

export type ServerOptions = {
  readonly pagesDir: string;
  readonly logger: FastifyBaseLogger;
  readonly callRates: CallRates;
  /** Values of the Host header that are answered; asked for at each call, because the port is known late. */
  readonly hosts: () => ReadonlySet<string>;
};

const BODY_BYTES_MAX = 1024 * 1024;

export async function buildServer(core: Core, options: ServerOptions): Promise<FastifyInstance> {
  const server: FastifyInstance = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: 30_000,
    connectionTimeout: 0,
    keepAliveTimeout: 60_000,
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: true,
    genReqId: () => Buffer.from(core.world.entropy.bytes(9)).toString("base64url"),
    // Whoever stands before the portal may not say who somebody is, but for the institution's own proxies.
    trustProxy: core.settings.proxies.length === 0 ? false : [...core.settings.proxies],
  });
  server.setErrorHandler(sendThrown);
  parseBodies(server);
  await server.register(fastifyCookie);
  await server.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    xFrameOptions: { action: "deny" },
    referrerPolicy: { policy: "no-referrer" },
    crossOriginResourcePolicy: { policy: "same-origin" },
    strictTransportSecurity: core.settings.publicUrl?.startsWith("https:") ?? false,
  });
  server.addHook("onRequest", async (request, reply) => {
    const host = checkHost(request, options.hosts());
    if (!host.ok) return sendFailure(reply, host.error);
    if (/^\/(api|tracker)\//.test(request.raw.url ?? "")) reply.header("cache-control", "no-store");
    return undefined;
  });
  server.addHook("onResponse", async (request, reply) => logCall(request, reply.statusCode, reply.elapsedTime));
  await registerOpenApi(server, core.settings.institution);
  registerRoutes(server, core, options.callRates);
  registerTracker(server, core);
  await registerPages(server, options.pagesDir);
  return server;
}

/** The route's own pattern, never the address: addresses hold trackers' keys and what people look for (HOSTILE 166). */
function logCall(request: FastifyRequest, status: number, milliseconds: number): void {
  const route = request.routeOptions.url ?? "unknown";
  request.log.debug({ name: "call", method: request.method, route, status, milliseconds: Math.round(milliseconds) });
}

// Only two types of body exist; fastify's own parser for text/plain, which any form can send, is taken out.
function parseBodies(server: FastifyInstance): void {
  const parseJson = server.getDefaultJsonParser("error", "error");
  server.removeAllContentTypeParsers();
  server.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, bytes, done) => {
    keepBodyBytes(request, bytes);
    // DELETE and POST without content may still say the type.
    if (bytes.length === 0) return done(null, undefined);
    const text = bytes.toString("utf8");
    if (!Buffer.from(text, "utf8").equals(bytes)) {
      return done(new FailureError(failure("portal.body_wrong", { detail: "it is not UTF-8" })));
    }
    return parseJson(request, text, done);
  });
  server.addContentTypeParser<Buffer>(
    TORRENT_MEDIA_TYPE,
    { parseAs: "buffer", bodyLimit: TORRENT_BYTES_MAX },
    (request, bytes, done) => {
      keepBodyBytes(request, bytes);
      done(null, bytes);
    },
  );
}
