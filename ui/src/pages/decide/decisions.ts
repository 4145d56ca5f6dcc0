// The four decisions as calls that can be undone for ten seconds.

import type { Approval, RequestSummary } from "../../../../src/wire/api/v1/request.ts";
import { KEYS, renew } from "../../api/cache.ts";
import { call } from "../../api/call.ts";
import { startUndoable } from "../../design/undo.ts";

type Decided = Pick<RequestSummary, "id" | "version">;
export type Narrowing = NonNullable<Approval["narrow"]>;

export function approve(request: Decided, narrow?: Narrowing): void {
  decide(request, "approve", narrow === undefined ? {} : { narrow }, {
    says: `Approving ${request.id}${narrow === undefined ? "" : ", narrowed"}.`,
    doneSays: `${request.id}: your approval counts.`,
  });
}

export function deny(request: Decided, reason: string): void {
  decide(
    request,
    "deny",
    { reason },
    { says: `Denying ${request.id}.`, doneSays: `${request.id} is denied. The person reads your reason.` },
  );
}

export function askBack(request: Decided, reason: string): void {
  decide(
    request,
    "ask",
    { reason },
    { says: `Asking back about ${request.id}.`, doneSays: `${request.id}: your question was sent.` },
  );
}

type Words = { readonly says: string; readonly doneSays: string };

function decide({ id, version }: Decided, way: "approve" | "deny" | "ask", body: object, words: Words): void {
  startUndoable({
    subject: id,
    ...words,
    send: async (options) => {
      await call("POST", `/requests/${id}/${way}`, { body: { version, ...body }, ...options });
      await renew(KEYS.requests, KEYS.grants);
    },
  });
}
