// What an assembly works with, and what it tells.

import type { Failure } from "../../base/failure.ts";
import type { Random } from "../../world/random.ts";
import type { Picker } from "../picker/picker.ts";
import type { StoreHandle } from "../storage/disk-threads.ts";
import type { PieceMemory } from "../storage/piece-memory.ts";
import type { Content } from "./content.ts";

export type AssemblyEvents = {
  verified(piece: number): void;
  /** The bytes did not match; `culprits` are the hosts proven to have sent bad ones. */
  failed(piece: number, culprits: readonly string[], wastedBytes: number): void;
  /** Of a piece that failed before: who is proven to have sent bad bytes of it, and what of it comes again. */
  foundOut(culprits: readonly string[], wastedBytes: number): void;
  /** Asks for the hashes of the piece's blocks; false when there are none to ask for. */
  wantLeaves(piece: number): boolean;
  /** The disk refused; the piece has to be fetched again. */
  diskFailed(failure: Failure): void;
};

export type AssemblyParts = {
  readonly content: Content;
  readonly picker: Picker;
  readonly memory: PieceMemory;
  readonly store: StoreHandle;
  readonly events: AssemblyEvents;
  readonly random: Random;
};
