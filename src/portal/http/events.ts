// Server-sent events: who listens gets what concerns them, from where they stopped listening.

import type { ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { failure } from "../../base/failure.ts";
import { type Ability, may } from "../../domain/person.ts";
import type { PushEvent } from "../../wire/api/v1/event.ts";
import type { Caller } from "../caller.ts";
import type { Core } from "../core.ts";
import type { Subscriber } from "../event-hub.ts";
import { currentRevocations } from "../grants/revocation-list.ts";
import { takeWaitingCommands } from "../transfers/report-transfers.ts";
import { sendFailure } from "./problem-reply.ts";

const KEEP_ALIVE_EVERY_MS = 15_000;
/** What may wait for a reader that does not read, before it is let go. */
const UNSENT_BYTES_MAX = 4 * 1024 * 1024;
const ABILITIES_PUSHED: readonly Ability[] = ["decide", "see-all-transfers"];

export async function streamEvents(
  core: Core,
  caller: Caller,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { raw } = reply;
  const revocations = caller.kind === "device" ? await currentRevocations(core.database) : undefined;
  const subscriber = subscriberOf(caller, raw);
  const before = request.headers["last-event-id"];
  const lastId = core.hub.lastId;
  // Headers first: what the hub sends at once must come after them.
  const open = core.hub.hasRoom(caller.person.personId);
  if (!open) {
    sendFailure(reply, failure("portal.listeners_too_many"));
    return;
  }
  reply.hijack();
  raw.writeHead(200, {
    ...securityHeaders(reply),
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  raw.write("retry: 2000\n\n");
  core.hub.subscribe(subscriber, typeof before === "string" && /^\d{1,16}$/.test(before) ? Number(before) : undefined);
  const keepAlive = core.world.clock.every(KEEP_ALIVE_EVERY_MS, () => void raw.write(": still here\n\n"));
  raw.on("close", () => {
    keepAlive.cancel();
    core.hub.unsubscribe(subscriber);
  });
  if (revocations === undefined || caller.kind !== "device") return;
  subscriber.send(lastId, { type: "revocations", jws: revocations });
  for (const { id, grant_id, command } of await takeWaitingCommands(core, caller.deviceId)) {
    subscriber.send(core.hub.lastId, { type: "command", commandId: id, grantId: grant_id, command });
  }
}

function subscriberOf(caller: Caller, raw: ServerResponse): Subscriber {
  const { personId, roles } = caller.person;
  return {
    as:
      caller.kind === "device"
        ? { kind: "device", deviceId: caller.deviceId, personId }
        : {
            kind: "person",
            personId,
            abilities: new Set(ABILITIES_PUSHED.filter((ability) => may(roles, ability))),
            session: caller.session,
          },
    endsAtMs: caller.kind === "device" ? Number.POSITIVE_INFINITY : caller.sessionExpiresAtMs,
    send(id: number, event: PushEvent): boolean {
      if (raw.destroyed || raw.writableLength > UNSENT_BYTES_MAX) return false;
      raw.write(`event: ${event.type}\nid: ${id}\ndata: ${JSON.stringify(event)}\n\n`);
      return true;
    },
    close: () => raw.end(),
  };
}

// A hijacked reply does not send what the plugins set.
function securityHeaders(reply: FastifyReply): Record<string, string> {
  const headers = Object.entries(reply.getHeaders());
  return Object.fromEntries(headers.map(([name, value]) => [name, String(value)]));
}
