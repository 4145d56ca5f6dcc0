// The phases of a torrent. Transitions are told in STATE.md.

import type { Failure } from "../../base/failure.ts";

export type Phase =
  /** A magnet whose info dictionary is not known. */
  | { readonly at: "metadata" }
  /** The disk is looked at. */
  | { readonly at: "checking"; readonly piecesChecked: number }
  /** Downloading, seeding, or both. */
  | { readonly at: "active" }
  /** Everything wanted is here and nothing is served. */
  | { readonly at: "finished" }
  | { readonly at: "paused" }
  | { readonly at: "stopped"; readonly why: Failure }
  | { readonly at: "closed" };
