// The routes of a node's local API: HTTP over a socket that only its owner can open. One table for both sides.

import { ByIdParams, Empty } from "../api/v1/field.ts";
import type { Route } from "../api/v1/route.ts";
import { Checks, JoinCall, JoinReply, NodeStatus } from "./status.ts";
import { Asked, Done, GetCall, LocalTransfer, LocalTransfers, QuarantineEntry, QuarantineList } from "./transfer.ts";

const byId = { params: ByIdParams };

export const LOCAL_ROUTES = {
  status: {
    method: "GET",
    path: "/v1/status",
    summary: "Who this node is and what it is connected to",
    reply: NodeStatus,
  },
  checks: { method: "GET", path: "/v1/checks", summary: "What works and what does not", reply: Checks },
  join: { method: "POST", path: "/v1/join", summary: "Enrol at a portal", body: JoinCall, reply: JoinReply },
  get: { method: "POST", path: "/v1/get", summary: "Ask for content, or find its grant", body: GetCall, reply: Asked },
  asked: { method: "GET", path: "/v1/asked/:id", summary: "Where a request stands", ...byId, reply: Asked },
  transfers: { method: "GET", path: "/v1/transfers", summary: "All transfers", reply: LocalTransfers },
  transfer: { method: "GET", path: "/v1/transfers/:id", summary: "One transfer", ...byId, reply: LocalTransfer },
  pause: { method: "POST", path: "/v1/transfers/:id/pause", summary: "Pause", ...byId, body: Empty, reply: Done },
  resume: { method: "POST", path: "/v1/transfers/:id/resume", summary: "Go on", ...byId, body: Empty, reply: Done },
  remove: { method: "POST", path: "/v1/transfers/:id/remove", summary: "Forget", ...byId, body: Empty, reply: Done },
  quarantine: { method: "GET", path: "/v1/quarantine", summary: "What is held and why", reply: QuarantineList },
  held: { method: "GET", path: "/v1/quarantine/:id", summary: "One held file", ...byId, reply: QuarantineEntry },
  destroy: {
    method: "POST",
    path: "/v1/quarantine/:id/destroy",
    summary: "Delete it",
    ...byId,
    body: Empty,
    reply: Done,
  },
  release: {
    method: "POST",
    path: "/v1/quarantine/:id/release",
    summary: "Scan again, and release if it is clean now",
    ...byId,
    body: Empty,
    reply: Done,
  },
} as const satisfies Readonly<Record<string, Route>>;
export type LocalRouteName = keyof typeof LOCAL_ROUTES;

/** The only Host that is answered (H164): a page that a browser was tricked into loading names another. */
export const LOCAL_HOST = "swarmgate.local";
