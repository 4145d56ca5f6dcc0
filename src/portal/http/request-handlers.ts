// Handlers of the routes about what is asked and granted.

import { type Failure, failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { GrantDetail } from "../../wire/api/v1/grant.ts";
import type { RequestDetail } from "../../wire/api/v1/request.ts";
import type { Caller } from "../caller.ts";
import type { Core } from "../core.ts";
import { returnGrant, revokeGrant } from "../grants/end-grant.ts";
import { gateGrants } from "../grants/gate-grants.ts";
import { currentRevocations } from "../grants/revocation-list.ts";
import { deviceGrants, listGrants, showGrant } from "../grants/show-grant.ts";
import { approveRequest, askAboutRequest, denyRequest } from "../requests/decide.ts";
import { editRequest, fileRequest, withdrawRequest } from "../requests/file-request.ts";
import { previewRequest } from "../requests/preview.ts";
import { listRequests, showRequest } from "../requests/show-request.ts";
import { listSuggestions, visibleTorrent } from "../torrents/torrent.ts";
import type { Handlers } from "./call.ts";

export const REQUEST_HANDLERS = {
  suggestions: async ({ core }) => ok(await listSuggestions(core.database)),
  showTorrent: async ({ core, caller, params }) => {
    const torrent = await visibleTorrent(core.database, caller, params.id);
    if (!torrent.ok) return torrent;
    const { torrentId, summary } = torrent.value;
    return ok({ torrentId, summary });
  },
  previewRequest: ({ core, caller, body }) => previewRequest(core, caller, body),
  fileRequest: async ({ core, caller, body, request }) => {
    const key = idempotencyKey(request.headers["idempotency-key"]);
    return key.ok ? shown(core, caller, await fileRequest(core, caller, body, key.value)) : key;
  },
  listRequests: ({ core, caller, query, nowMs }) => listRequests(core.database, caller, query, nowMs),
  showRequest: ({ core, caller, params, nowMs }) => showRequest(core.database, caller, params.id, nowMs),
  editRequest: async ({ core, caller, params, body }) =>
    shown(core, caller, await editRequest(core, caller, params.id, body)),
  approveRequest: async ({ core, caller, params, body }) =>
    shown(core, caller, await approveRequest(core, caller, params.id, body)),
  denyRequest: async ({ core, caller, params, body }) =>
    shown(core, caller, await denyRequest(core, caller, params.id, body)),
  askAboutRequest: async ({ core, caller, params, body }) =>
    shown(core, caller, await askAboutRequest(core, caller, params.id, body)),
  withdrawRequest: async ({ core, caller, params, body }) =>
    shown(core, caller, await withdrawRequest(core, caller, params.id, body)),
  listGrants: ({ core, caller, query, nowMs }) => listGrants(core.database, caller, query, nowMs),
  showGrant: ({ core, caller, params, nowMs }) => showGrant(core.database, caller, params.id, nowMs),
  revokeGrant: async ({ core, caller, params, body }) =>
    shownGrant(core, caller, await revokeGrant(core, caller, params.id, body.reason)),
  returnGrant: async ({ core, caller, params, body }) =>
    shownGrant(core, caller, await returnGrant(core, caller, params.id, body.reason)),
  revocations: async ({ core }) => ok({ jws: await currentRevocations(core.database) }),
  gateGrants: async ({ core, nowMs }) => ok(await gateGrants(core, nowMs)),
  deviceGrants: async ({ core, caller, nowMs }) => ok(await deviceGrants(core.database, caller, nowMs)),
} as const satisfies Partial<Handlers>;

async function shown(
  core: Core,
  caller: Caller,
  done: Result<string, Failure>,
): Promise<Result<RequestDetail, Failure>> {
  return done.ok ? showRequest(core.database, caller, done.value, core.world.clock.wallMs()) : done;
}

async function shownGrant(
  core: Core,
  caller: Caller,
  done: Result<string, Failure>,
): Promise<Result<GrantDetail, Failure>> {
  return done.ok ? showGrant(core.database, caller, done.value, core.world.clock.wallMs()) : done;
}

function idempotencyKey(header: string | string[] | undefined): Result<string | undefined, Failure> {
  if (header === undefined) return ok(undefined);
  if (typeof header === "string" && /^[\x21-\x7e]{8,128}$/.test(header)) return ok(header);
  return err(failure("portal.body_wrong", { detail: "Idempotency-Key must be 8 to 128 visible characters" }));
}
