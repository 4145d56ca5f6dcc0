// Handlers of the routes about what happens under grants, and about the record.

import { ok } from "../../base/result.ts";
import { readPosition } from "../audit/append.ts";
import { sealCheckpoint } from "../audit/checkpoint.ts";
import { listAudit } from "../audit/list.ts";
import { listBlocks } from "../gate/blocks.ts";
import { takeBlocks } from "../gate/tell-blocks.ts";
import { reachDevice } from "../reach/reach-device.ts";
import { listQuarantine, reportQuarantine } from "../transfers/quarantine.ts";
import { commandTransfer, reportTransfers } from "../transfers/report-transfers.ts";
import { listTransfers, showTransfer } from "../transfers/show-transfer.ts";
import { listVerdicts, reportVerdicts } from "../transfers/verdict.ts";
import type { Handlers } from "./call.ts";

export const TRANSFER_HANDLERS = {
  reportBlocks: async ({ core, body, nowMs }) => ok(await takeBlocks(core, body, nowMs)),
  listBlocks: ({ core, caller, query, request, nowMs }) =>
    listBlocks(core, { caller, scope: query.scope, askedFrom: request.ip, nowMs }),
  reachDevice: ({ core, caller, body, request }) =>
    reachDevice(
      core,
      caller,
      { address: request.ip, connectedFrom: request.socket.remoteAddress, headers: request.headers },
      body,
    ),
  reportTransfers: ({ core, caller, body }) => reportTransfers(core, caller, body),
  listTransfers: ({ core, caller, query }) => listTransfers(core.database, caller, query),
  showTransfer: ({ core, caller, params }) => showTransfer(core.database, caller, params.id),
  pauseTransfer: ({ core, caller, params }) => commandTransfer(core, caller, params.id, "pause"),
  resumeTransfer: ({ core, caller, params }) => commandTransfer(core, caller, params.id, "resume"),
  removeTransfer: ({ core, caller, params }) => commandTransfer(core, caller, params.id, "remove"),
  reportVerdicts: ({ core, caller, body }) => reportVerdicts(core, caller, body),
  listVerdicts: ({ core, query }) => listVerdicts(core.database, query),
  reportQuarantine: ({ core, caller, body }) => reportQuarantine(core, caller, body),
  listQuarantine: ({ core, caller, query }) => listQuarantine(core.database, caller, query),
  listAudit: ({ core, query }) => listAudit(core.database, query),
  auditCheckpoint: async ({ core, nowMs }) => {
    const position = await readPosition(core.database);
    return ok({ ...position, jws: await sealCheckpoint(position, core.key, nowMs) });
  },
} as const satisfies Partial<Handlers>;
