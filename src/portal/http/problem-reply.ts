// Every refusal as a problem detail (RFC 9457), from the one table of failures.

import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { type Failure, FailureError, failure } from "../../base/failure.ts";
import { entryOf, nextOf, sentenceOf } from "../../domain/errors/table.ts";
import { PROBLEM_MEDIA_TYPE, type Problem } from "../../wire/api/v1/problem.ts";

function problemOf(failed: Failure): Problem {
  const row = entryOf(failed.code);
  return {
    type: `/help/errors#${failed.code}`,
    title: failed.code,
    status: row.status,
    detail: sentenceOf(failed),
    code: failed.code,
    next: nextOf(failed),
    data: { ...failed.data },
  };
}

export function sendFailure(reply: FastifyReply, failed: Failure): FastifyReply {
  const problem = problemOf(failed);
  const seconds = failed.data["seconds"];
  if (typeof seconds === "number") reply.header("retry-after", String(seconds));
  if (problem.status === 401) reply.header("www-authenticate", "Bearer");
  return reply.code(problem.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
}

/** What fastify or a bug threw. Only the log learns the details of a bug. */
export function sendThrown(thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = thrown instanceof FailureError ? thrown.failure : frameworkFailure(thrown, request);
  if (known !== undefined) return sendFailure(reply, known);
  request.log.error({ name: "portal_bug", cause: thrown }, "a call failed");
  return sendFailure(
    reply,
    failure("cli.internal_error", { detail: `the portal's log tells more under ${request.id}` }),
  );
}

function frameworkFailure(thrown: FastifyError, request: FastifyRequest): Failure | undefined {
  switch (thrown.statusCode) {
    case 413:
      return failure("portal.body_too_large", { bytesMax: request.routeOptions.bodyLimit ?? 0 });
    case 415:
      return failure("portal.media_type_wrong");
    case 404:
      return failure("portal.route_unknown");
    case 400:
    case 414:
    case 431:
      return failure("portal.body_wrong", { detail: thrown.message });
    default:
      return undefined;
  }
}
