// The path of a request, a grant or a transfer, from the columns that each of their queries selects.

import type { GrantState } from "../domain/grant.ts";
import { type Path, pathOf } from "../domain/path.ts";
import type { RequestState } from "../domain/request.ts";
import type { TransferState } from "../domain/transfer.ts";

export type PathRow = {
  readonly person_name: string;
  readonly device_name: string;
  readonly asked_at_ms: number;
  readonly reason: string;
  readonly decided_at_ms: number | null;
  readonly decided_why: string | null;
  readonly transfer_state: TransferState | null;
  readonly transfer_why: string | null;
  readonly transfer_updated_at_ms: number | null;
};

export type PathContext = {
  readonly state: RequestState;
  readonly decidedBy: string | undefined;
  /** What a reviewer asked and nobody answered yet. */
  readonly question?: string | null;
  readonly grant: { readonly state: GrantState; readonly atMs: number; readonly why: string | null } | null;
};

export function pathOfRow(row: PathRow, { state, decidedBy, question, grant }: PathContext): Path {
  return pathOf({
    asked: { atMs: row.asked_at_ms, who: row.person_name, why: row.reason },
    request: {
      state,
      ...(row.decided_at_ms === null ? {} : { atMs: row.decided_at_ms }),
      ...(decidedBy === undefined ? {} : { who: decidedBy }),
      ...decisionWhy(row, state, question ?? null),
    },
    ...(grant === null
      ? {}
      : { grant: { state: grant.state, atMs: grant.atMs, why: grant.why || `The grant is ${grant.state}.` } }),
    ...(row.transfer_state === null
      ? {}
      : {
          transfer: {
            state: row.transfer_state,
            atMs: row.transfer_updated_at_ms ?? 0,
            who: row.device_name,
            why: row.transfer_why ?? "",
          },
        }),
  });
}

function decisionWhy(row: PathRow, state: RequestState, question: string | null): { readonly why?: string } {
  if (row.decided_why !== null && row.decided_why !== "") return { why: row.decided_why };
  if (state !== "pending") return {};
  return { why: question === null ? "Waiting for a reviewer." : `A reviewer asks: ${question}` };
}
