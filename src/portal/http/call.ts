// What a handler gets and gives: typed by the route's own row in the table.

import type { FastifyRequest } from "fastify";
import type { Static, TSchema } from "typebox";
import type { Failure } from "../../base/failure.ts";
import type { Result } from "../../base/result.ts";
import type { Route } from "../../wire/api/v1/route.ts";
import type { ROUTES, RouteName } from "../../wire/api/v1/routes.ts";
import type { Caller, DeviceCaller, PersonCaller } from "../caller.ts";
import type { Core } from "../core.ts";
import type { SignInGuard } from "../people/session.ts";
import type { ACCESS, AccessKind } from "./access.ts";

type RouteOf<Name extends RouteName> = (typeof ROUTES)[Name];
type BodyOf<R extends Route> = R extends { readonly body: infer S extends TSchema } ? Static<S> : undefined;
type QueryOf<R extends Route> = R extends { readonly query: infer S extends TSchema } ? Static<S> : undefined;
type ReplyOf<R extends Route> = R extends { readonly reply: infer S extends TSchema } ? Static<S> : never;
type ParamsOf<R extends Route> = R extends { readonly params: infer S extends TSchema } ? Static<S> : undefined;

type CallerBy = { open: Caller | undefined; person: PersonCaller; device: DeviceCaller; either: Caller };
type AccessOf<Name extends RouteName> = (typeof ACCESS)[Name]["by"] & AccessKind;

export type Service = { readonly core: Core; readonly signInGuard: SignInGuard };

export type Call<Name extends RouteName> = Service & {
  readonly caller: CallerBy[AccessOf<Name>];
  readonly body: BodyOf<RouteOf<Name>>;
  readonly query: QueryOf<RouteOf<Name>>;
  readonly params: ParamsOf<RouteOf<Name>>;
  readonly nowMs: number;
  readonly request: FastifyRequest;
};

export type Handler<Name extends RouteName> = (call: Call<Name>) => Promise<Result<ReplyOf<RouteOf<Name>>, Failure>>;

/** Routes whose body or reply is not plain JSON; each has a file of its own. */
export type StreamedRoute = "addTorrent" | "torrentFile" | "exportAudit" | "events";

export type Handlers = { readonly [Name in Exclude<RouteName, StreamedRoute>]: Handler<Name> };
