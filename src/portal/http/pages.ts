// The web pages: files that Vite built, and the one page that finds its way by itself.

import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { failure } from "../../base/failure.ts";
import { sendFailure } from "./problem-reply.ts";

const NOT_BUILT = "The pages are not built. Run: npm run build\n";

export async function registerPages(server: FastifyInstance, pagesDir: string): Promise<void> {
  const built = existsSync(join(pagesDir, "index.html"));
  if (built) {
    await server.register(fastifyStatic, {
      root: pagesDir,
      index: ["index.html"],
      setHeaders(reply, path) {
        // Vite puts a hash into the names of assets; everything else may change under its name.
        const lasting = /[\\/]assets[\\/]/.test(path);
        reply.header("cache-control", lasting ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  }
  server.setNotFoundHandler((request, reply) => {
    if (!isPage(request)) return sendFailure(reply, failure("portal.route_unknown"));
    return built ? reply.sendFile("index.html") : notBuilt(reply);
  });
}

/** Every address of the pages is the same file; what looks like a call or a file is not one of them. */
function isPage(request: FastifyRequest): boolean {
  const path = (request.raw.url ?? "").split("?", 1)[0] ?? "";
  if (request.method !== "GET" && request.method !== "HEAD") return false;
  if (/^\/(api|tracker)(\/|$)/.test(path) || /\.[a-z0-9]{1,8}$/i.test(path)) return false;
  const accept = request.headers.accept ?? "*/*";
  return accept.includes("text/html") || accept.includes("*/*");
}

function notBuilt(reply: FastifyReply): FastifyReply {
  return reply.code(503).type("text/plain; charset=utf-8").send(NOT_BUILT);
}
