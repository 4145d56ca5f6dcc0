// The private tracker over HTTP: bencoded answers, for any client that follows BEP 3.

import type { FastifyInstance } from "fastify";
import ipaddr from "ipaddr.js";
import type { Failure } from "../../base/failure.ts";
import { entryOf, sentenceOf } from "../../domain/errors/table.ts";
import { encode } from "../../wire/bencode/encode.ts";
import type { Core } from "../core.ts";
import { announce, announceThrottle } from "../tracker/announce.ts";

export function registerTracker(server: FastifyInstance, core: Core): void {
  const throttle = announceThrottle();
  // There is no scrape route (HOSTILE 78): whoever asks for it finds nothing there.
  server.get<{ Params: { key: string } }>(
    "/tracker/:key/announce",
    { schema: { hide: true } },
    async (request, reply) => {
      const query = request.raw.url?.split("?", 2)[1] ?? "";
      const call = { key: request.params.key, query, address: addressBytes(request.ip) };
      const answered = await announce(core, throttle, call);
      reply.type("text/plain");
      if (answered.ok) return reply.send(Buffer.from(answered.value));
      const { code } = answered.error;
      return reply.code(entryOf(code).status).send(Buffer.from(refusal(answered.error)));
    },
  );
}

/** BEP 3: a reply with a failure reason has nothing else in it. */
function refusal(failed: Failure): Uint8Array {
  return encode({ "failure reason": sentenceOf(failed) });
}

/** A v4 address that came mapped into v6 is a v4 address. */
function addressBytes(address: string): Uint8Array {
  return Uint8Array.from(ipaddr.process(address).toByteArray());
}
