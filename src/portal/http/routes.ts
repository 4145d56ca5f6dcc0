// Registers every route of the table: guard, authenticate, check, handle, answer.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Session } from "../../wire/api/v1/person.ts";
import { Problem } from "../../wire/api/v1/problem.ts";
import type { Route } from "../../wire/api/v1/route.ts";
import { ROUTES, type RouteName } from "../../wire/api/v1/routes.ts";
import { actorOf, type Caller, requireAbility } from "../caller.ts";
import type { Core } from "../core.ts";
import { SESSION_LIFE_MS, signInGuard } from "../people/session.ts";
import { Throttle, type ThrottleRate } from "../throttle.ts";
import { ACCESS, type Access } from "./access.ts";
import { Authenticator, credentialsOf, SESSION_COOKIE } from "./authenticate.ts";
import type { Call, Handler, StreamedRoute } from "./call.ts";
import { streamEvents } from "./events.ts";
import { checkForgery } from "./guard.ts";
import { IDENTITY_HANDLERS } from "./identity-handlers.ts";
import { sendFailure } from "./problem-reply.ts";
import { REQUEST_HANDLERS } from "./request-handlers.ts";
import { receiveTorrent, sendAudit, sendTorrent } from "./streamed-routes.ts";
import { TRANSFER_HANDLERS } from "./transfer-handlers.ts";
import { validateCall } from "./validation.ts";

/** How many calls one caller may make: known ones by who they are, others by where they come from. */
export type CallRates = { readonly known: ThrottleRate; readonly unknown: ThrottleRate };
export const CALL_RATES: CallRates = {
  known: { burst: 600, perSecond: 50 },
  unknown: { burst: 200, perSecond: 10 },
};

const HANDLERS = { ...IDENTITY_HANDLERS, ...REQUEST_HANDLERS, ...TRANSFER_HANDLERS };
const SESSION_ROUTES: ReadonlySet<RouteName> = new Set(["signIn", "signInByLink"]);
/** Reports of a whole quarantine or of hundreds of transfers. */
const REPORT_BYTES_MAX = 8 * 1024 * 1024;
const REPORT_ROUTES: ReadonlySet<RouteName> = new Set([
  "reportBlocks",
  "reportTransfers",
  "reportVerdicts",
  "reportQuarantine",
]);

export function registerRoutes(server: FastifyInstance, core: Core, rates: CallRates): void {
  server.setValidatorCompiler(validateCall);
  // Replies are built member by member from typed rows; tests compare each with its schema.
  server.setSerializerCompiler(() => (data) => JSON.stringify(data));
  const door = new Door(core, rates);
  const guard = signInGuard();
  const callers = new WeakMap<FastifyRequest, Caller | undefined>();
  for (const name of routeNames()) {
    const route: Route = ROUTES[name];
    server.route({
      method: route.method,
      url: route.path,
      schema: schemaOf(name, route),
      ...(REPORT_ROUTES.has(name) ? { bodyLimit: REPORT_BYTES_MAX } : {}),
      // Before the body is checked: who may not call learns nothing about the form. The proof needs the body's bytes.
      preValidation: async (request, reply) => {
        const entered = await door.enter(name, request);
        if (!entered.ok) return sendFailure(reply, entered.error);
        callers.set(request, entered.value);
        return undefined;
      },
      handler: async (request, reply) => {
        const caller = callers.get(request);
        if (isStreamed(name)) return stream(core, name, caller, request, reply);
        const result = await handle(name, { core, signInGuard: guard, caller, request });
        if (!result.ok) return sendFailure(reply, result.error);
        setCookie(core, name, result.value, reply);
        return reply.send(result.value);
      },
    });
  }
}

/** Decides for each call whether it may come in, and as whom. */
class Door {
  readonly #core: Core;
  readonly #authenticator: Authenticator;
  readonly #known: Throttle;
  readonly #unknown: Throttle;

  constructor(core: Core, rates: CallRates) {
    this.#core = core;
    this.#authenticator = new Authenticator(core);
    this.#known = new Throttle(rates.known);
    this.#unknown = new Throttle(rates.unknown);
  }

  async enter(name: RouteName, request: FastifyRequest): Promise<Result<Caller | undefined, Failure>> {
    const credentials = credentialsOf(request);
    const ambient = credentials.kind === "cookie" || SESSION_ROUTES.has(name);
    const honest = checkForgery(request, this.#core.origin(), ambient ? "ambient" : "explicit");
    if (!honest.ok) return honest;
    const nowMs = this.#core.world.clock.monotonicMs();
    // Before the credentials are known to be good, a flood of bad ones counts for where it comes from.
    const waitedMs = this.#unknown.waitMs(request.ip, nowMs);
    if (waitedMs > 0 && credentials.kind === "none") return tooMany(waitedMs);
    const found = await this.#authenticator.caller(request, credentials);
    const access: Access = ACCESS[name];
    if (!found.ok && access.by !== "open") {
      this.#unknown.take(request.ip, nowMs);
      return found;
    }
    const caller = found.ok ? found.value : undefined;
    const waitMs =
      caller === undefined ? this.#unknown.take(request.ip, nowMs) : this.#known.take(actorOf(caller), nowMs);
    if (waitMs > 0) return tooMany(waitMs);
    return admit(access, caller);
  }
}

function admit(access: Access, caller: Caller | undefined): Result<Caller | undefined, Failure> {
  if (access.by === "open") return ok(caller);
  if (caller === undefined) return err(failure("portal.sign_in_needed"));
  if (access.by !== "either" && access.by !== caller.kind) {
    const ability = access.by === "device" ? "report for a device" : "do this as a device";
    return err(failure("portal.ability_missing", { ability }));
  }
  const allowed = access.ability === undefined ? ok() : requireAbility(caller, access.ability);
  return allowed.ok ? ok(caller) : allowed;
}

type HandlerInput = Pick<Call<"health">, "core" | "signInGuard" | "request"> & { readonly caller: Caller | undefined };

function handle(name: Exclude<RouteName, StreamedRoute>, input: HandlerInput): Promise<Result<unknown, Failure>> {
  const { body, query, params } = input.request;
  const nowMs = input.core.world.clock.wallMs();
  // The row that typed the handler also checked body, query and params; ACCESS, which typed the caller, admitted it.
  const handler = HANDLERS[name] as Handler<typeof name>;
  return handler({ ...input, body, query, params, nowMs } as Call<typeof name>);
}

async function stream(
  core: Core,
  name: StreamedRoute,
  caller: Caller | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  if (caller === undefined) return sendFailure(reply, failure("portal.sign_in_needed"));
  switch (name) {
    case "addTorrent":
      return receiveTorrent(core, caller, request, reply);
    case "torrentFile":
      return sendTorrent(core, caller, (request as FastifyRequest<{ Params: { id: string } }>).params.id, reply);
    case "exportAudit": {
      const { format } = request.query as { format: "jsonl" | "csv" };
      return sendAudit(core, caller, format, reply);
    }
    case "events":
      await streamEvents(core, caller, request, reply);
      return reply;
  }
}

function setCookie(core: Core, name: RouteName, value: unknown, reply: FastifyReply): void {
  const options = {
    path: "/",
    httpOnly: true,
    sameSite: "strict",
    secure: core.origin().startsWith("https:"),
  } as const;
  if (name === "signOut") reply.clearCookie(SESSION_COOKIE, options);
  if (!SESSION_ROUTES.has(name)) return;
  const { token } = value as Session;
  reply.setCookie(SESSION_COOKIE, token, { ...options, maxAge: SESSION_LIFE_MS / 1000 });
}

function schemaOf(name: RouteName, route: Route) {
  const access: Access = ACCESS[name];
  const security: Record<Access["by"], Record<string, string[]>[]> = {
    open: [],
    person: [{ session: [] }, { bearer: [] }],
    device: [{ device: [] }],
    either: [{ session: [] }, { bearer: [] }, { device: [] }],
  };
  return {
    operationId: name,
    summary: route.summary,
    security: security[access.by],
    ...(route.params === undefined ? {} : { params: route.params }),
    ...(route.query === undefined ? {} : { querystring: route.query }),
    ...(route.body === undefined ? {} : { body: route.body }),
    response: { ...(route.reply === undefined ? {} : { 200: route.reply }), default: Problem },
  };
}

function routeNames(): RouteName[] {
  return Object.keys(ROUTES).filter((name): name is RouteName => Object.hasOwn(ROUTES, name));
}

function isStreamed(name: RouteName): name is StreamedRoute {
  return !Object.hasOwn(HANDLERS, name);
}

function tooMany(waitMs: number): Result<never, Failure> {
  return err(failure("portal.calls_too_many", { seconds: Math.ceil(waitMs / 1000) }));
}
