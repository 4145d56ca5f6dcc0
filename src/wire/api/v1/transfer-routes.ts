// Routes about what happens under grants and what was recorded: transfers, verdicts, quarantine, audit, events.

import { Type } from "typebox";
import * as audit from "./audit.ts";
import { ByIdParams } from "./field.ts";
import * as gate from "./gate.ts";
import * as grant from "./grant.ts";
import * as reach from "./reach.ts";
import type { Route } from "./route.ts";
import * as transfer from "./transfer.ts";
import * as verdict from "./verdict.ts";

const byId = { params: ByIdParams };

export const TRANSFER_ROUTES = {
  deviceGrants: {
    method: "GET",
    path: "/api/v1/device/grants",
    summary: "For a device: all its active grants and the revocation list",
    reply: grant.DeviceGrants,
  },
  gateGrants: {
    method: "GET",
    path: "/api/v1/gate/grants",
    summary: "For a gate: every active grant without its tracker's address, and the revocation list",
    reply: grant.GateGrants,
  },
  reportBlocks: {
    method: "PUT",
    path: "/api/v1/gate/blocks",
    summary: "For a gate: everything that it refused lately",
    body: gate.GateBlockReport,
    reply: transfer.ReportReply,
  },
  listBlocks: {
    method: "GET",
    path: "/api/v1/gate/blocks",
    summary: "What gates refused lately, and why: of one's own devices and of the address that asks, or all",
    query: gate.GateBlockQuery,
    reply: gate.GateBlocks,
  },
  reachDevice: {
    method: "POST",
    path: "/api/v1/device/reach",
    summary: "For a device with a grant: the portal calls it back on its port and says what came of it",
    body: reach.ReachCall,
    reply: reach.Reach,
  },
  reportTransfers: {
    method: "PUT",
    path: "/api/v1/device/transfers",
    summary: "For a device: how its transfers are",
    body: transfer.TransferReports,
    reply: transfer.ReportReply,
  },
  listTransfers: {
    method: "GET",
    path: "/api/v1/transfers",
    summary: "Transfers: one's own, or all that one may see",
    query: transfer.TransferQuery,
    reply: transfer.TransferPage,
  },
  showTransfer: {
    method: "GET",
    path: "/api/v1/transfers/:id",
    summary: "One transfer with its peers and pieces",
    ...byId,
    reply: transfer.Transfer,
  },
  pauseTransfer: {
    method: "POST",
    path: "/api/v1/transfers/:id/pause",
    summary: "Tell the device to pause",
    ...byId,
    reply: transfer.CommandReply,
  },
  resumeTransfer: {
    method: "POST",
    path: "/api/v1/transfers/:id/resume",
    summary: "Tell the device to go on",
    ...byId,
    reply: transfer.CommandReply,
  },
  removeTransfer: {
    method: "POST",
    path: "/api/v1/transfers/:id/remove",
    summary: "Tell the device to stop and forget the transfer",
    ...byId,
    reply: transfer.CommandReply,
  },
  reportVerdicts: {
    method: "POST",
    path: "/api/v1/device/verdicts",
    summary: "For a device: what its scanners found",
    body: verdict.VerdictReports,
    reply: transfer.ReportReply,
  },
  listVerdicts: {
    method: "GET",
    path: "/api/v1/verdicts",
    summary: "What is known about one content",
    query: verdict.VerdictQuery,
    reply: verdict.Verdicts,
  },
  reportQuarantine: {
    method: "PUT",
    path: "/api/v1/device/quarantine",
    summary: "For a device: everything that its quarantine holds",
    body: verdict.QuarantineReport,
    reply: transfer.ReportReply,
  },
  listQuarantine: {
    method: "GET",
    path: "/api/v1/quarantine",
    summary: "What is held, where and why",
    query: verdict.QuarantineQuery,
    reply: verdict.QuarantinePage,
  },
  listAudit: {
    method: "GET",
    path: "/api/v1/audit",
    summary: "The record, newest first",
    query: audit.AuditQuery,
    reply: audit.AuditPage,
  },
  auditCheckpoint: {
    method: "GET",
    path: "/api/v1/audit/checkpoint",
    summary: "A signed statement of where the record stands; keep it elsewhere",
    reply: audit.AuditCheckpointReply,
  },
  exportAudit: {
    method: "GET",
    path: "/api/v1/audit/export",
    summary: "The whole record as JSON lines, or as CSV for a spreadsheet",
    query: audit.AuditExportQuery,
  },
  events: { method: "GET", path: "/api/v1/events", summary: "Server-sent events; resumes by Last-Event-ID" },
  health: {
    method: "GET",
    path: "/healthz",
    summary: "Whether the portal answers",
    reply: Type.Object({ ok: Type.Boolean() }, { additionalProperties: false }),
  },
} as const satisfies Readonly<Record<string, Route>>;
