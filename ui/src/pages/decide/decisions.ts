// The four decisions as calls that can be undone for ten seconds.

import type { Approval, RequestSummary } from "../../../../src/wire/api/v1/request.ts";
import { KEYS, renew } from "../../api/cache.ts";
import { call } from "../../api/call.ts";
import { startUndoable } from "../../design/undo.ts";
import { countText } from "../../format/bytes.ts";

type Decided = Pick<RequestSummary, "id" | "version">;
export type Narrowing = NonNullable<Approval["narrow"]>;

export function approve(request: Decided, narrow?: Narrowing): void {
  decide([request], "approve", narrow === undefined ? {} : { narrow }, {
    says: `Approving ${request.id}${narrow === undefined ? "" : ", narrowed"}.`,
    doneSays: `${request.id}: your approval counts.`,
  });
}

export function deny(request: Decided, reason: string): void {
  decide(
    [request],
    "deny",
    { reason },
    {
      says: `Denying ${request.id}.`,
      doneSays: `${request.id} is denied. The person reads your reason.`,
    },
  );
}

export function askBack(request: Decided, reason: string): void {
  decide(
    [request],
    "ask",
    { reason },
    {
      says: `Asking back about ${request.id}.`,
      doneSays: `${request.id}: your question was sent.`,
    },
  );
}

export function approveAll(requests: readonly Decided[]): void {
  const all = countText(requests.length, "request");
  decide(requests, "approve", {}, { says: `Approving ${all}.`, doneSays: `Your approval counts for ${all}.` });
}

export function denyAll(requests: readonly Decided[], reason: string): void {
  const all = countText(requests.length, "request");
  decide(requests, "deny", { reason }, { says: `Denying ${all}.`, doneSays: `Denied: ${all}.` });
}

type Words = { readonly says: string; readonly doneSays: string };

function decide(requests: readonly Decided[], way: "approve" | "deny" | "ask", body: object, words: Words): void {
  startUndoable({
    subjects: requests.map(({ id }) => id),
    ...words,
    send: async (options) => {
      const sent = requests.map(({ id, version }) =>
        call("POST", `/requests/${id}/${way}`, { body: { version, ...body }, ...options }),
      );
      const ends = await Promise.allSettled(sent);
      await renew(KEYS.requests, KEYS.grants);
      // One that was refused does not hold up the others; the reason of the first is told.
      const refused = ends.find((end) => end.status === "rejected");
      if (refused !== undefined) throw refused.reason;
    },
  });
}
