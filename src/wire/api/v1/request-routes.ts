// Routes about what is asked and granted: torrents, requests, grants.

import { ByIdParams } from "./field.ts";
import * as grant from "./grant.ts";
import * as request from "./request.ts";
import type { Route } from "./route.ts";
import * as torrent from "./torrent.ts";

const byId = { params: ByIdParams };

export const REQUEST_ROUTES = {
  suggestions: {
    method: "GET",
    path: "/api/v1/suggestions",
    summary: "Torrents that the institution suggests to ask for",
    reply: torrent.Suggestions,
  },
  addTorrent: {
    method: "POST",
    path: "/api/v1/torrents",
    summary: "Show a .torrent file (application/x-bittorrent) or a magnet link ({magnet}) to the portal",
    reply: torrent.Torrent,
  },
  showTorrent: {
    method: "GET",
    path: "/api/v1/torrents/:id",
    summary: "What a torrent holds",
    ...byId,
    reply: torrent.Torrent,
  },
  torrentFile: {
    method: "GET",
    path: "/api/v1/torrents/:id/file",
    summary: "The .torrent file, or {magnet} as JSON for one that came as a magnet link",
    ...byId,
  },
  previewRequest: {
    method: "POST",
    path: "/api/v1/requests/preview",
    summary: "What would happen to a request, before it is sent",
    body: request.RequestDraft,
    reply: request.Preview,
  },
  fileRequest: {
    method: "POST",
    path: "/api/v1/requests",
    summary: "Ask. With an Idempotency-Key header a repeated call gives the first answer again",
    body: request.NewRequest,
    reply: request.RequestDetail,
  },
  listRequests: {
    method: "GET",
    path: "/api/v1/requests",
    summary: "Requests: one's own, those to decide, or all that one may see",
    query: request.RequestQuery,
    reply: request.RequestPage,
  },
  showRequest: {
    method: "GET",
    path: "/api/v1/requests/:id",
    summary: "One request with its history, grant and verdicts",
    ...byId,
    reply: request.RequestDetail,
  },
  editRequest: {
    method: "PATCH",
    path: "/api/v1/requests/:id",
    summary: "Change the reason or duration, or answer a question; approvals given so far no longer count",
    ...byId,
    body: request.RequestEdit,
    reply: request.RequestDetail,
  },
  approveRequest: {
    method: "POST",
    path: "/api/v1/requests/:id/approve",
    summary: "Approve, narrowed if wanted",
    ...byId,
    body: request.Approval,
    reply: request.RequestDetail,
  },
  denyRequest: {
    method: "POST",
    path: "/api/v1/requests/:id/deny",
    summary: "Deny with a reason",
    ...byId,
    body: request.ReasonedDecision,
    reply: request.RequestDetail,
  },
  askAboutRequest: {
    method: "POST",
    path: "/api/v1/requests/:id/ask",
    summary: "Ask the person a question",
    ...byId,
    body: request.ReasonedDecision,
    reply: request.RequestDetail,
  },
  withdrawRequest: {
    method: "POST",
    path: "/api/v1/requests/:id/withdraw",
    summary: "Take one's own request back",
    ...byId,
    body: request.Withdrawal,
    reply: request.RequestDetail,
  },
  listGrants: {
    method: "GET",
    path: "/api/v1/grants",
    summary: "Grants: one's own, or all that one may see",
    query: grant.GrantQuery,
    reply: grant.GrantPage,
  },
  showGrant: {
    method: "GET",
    path: "/api/v1/grants/:id",
    summary: "One grant with its claims and token",
    ...byId,
    reply: grant.GrantDetail,
  },
  revokeGrant: {
    method: "POST",
    path: "/api/v1/grants/:id/revoke",
    summary: "Revoke: running transfers stop within seconds",
    ...byId,
    body: grant.GrantEnding,
    reply: grant.GrantDetail,
  },
  returnGrant: {
    method: "POST",
    path: "/api/v1/grants/:id/return",
    summary: "Give one's own grant back",
    ...byId,
    body: grant.GrantEnding,
    reply: grant.GrantDetail,
  },
  revocations: {
    method: "GET",
    path: "/api/v1/revocations",
    summary: "The signed list of grants that ended early",
    reply: grant.RevocationsReply,
  },
} as const satisfies Readonly<Record<string, Route>>;
