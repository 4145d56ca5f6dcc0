// The description of the API, made from the same schemas that check it.

import fastifySwagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";

const OPENAPI_PATH = "/api/v1/openapi.json";

export async function registerOpenApi(server: FastifyInstance, institution: string): Promise<void> {
  await server.register(fastifySwagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: `Swarmgate at ${institution}`, version: "1" },
      components: {
        securitySchemes: {
          session: { type: "apiKey", in: "cookie", name: "sg_session" },
          bearer: { type: "http", scheme: "bearer" },
          device: { type: "apiKey", in: "header", name: "authorization", description: "SwarmgateDevice <compact JWS>" },
        },
      },
    },
  });
  server.get(OPENAPI_PATH, { schema: { hide: true } }, async () => server.swagger());
}
