// Where a transfer stands, and why, as the node keeps it on disk. STATE.md beside this file lists the ways between.

import type { TransferState } from "../../domain/transfer.ts";

export type Phase =
  /** The grant does not allow it at this moment (or its torrent has not come yet); it goes on by itself. */
  | { readonly at: "waiting"; readonly why: string }
  | { readonly at: "fetching" }
  | { readonly at: "paused" }
  | { readonly at: "scanning" }
  /** Complete, and something in it has no clean verdict. Clean files of it may be in the library already. */
  | { readonly at: "held"; readonly why: string }
  | { readonly at: "released" }
  | { readonly at: "infected"; readonly why: string; readonly file: string }
  | { readonly at: "failed"; readonly why: string }
  /** The grant ended before everything was here. */
  | { readonly at: "stopped"; readonly why: string };

/** What the portal and the pages call it. */
export function stateOf(phase: Phase): TransferState {
  return phase.at;
}
