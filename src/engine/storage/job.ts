// What the disk threads are asked to do, and what they answer. Plain data: it crosses a thread border.

import type { Failure } from "../../base/failure.ts";
import type { LayoutSource } from "../../domain/metainfo/layout.ts";
import type { PieceRoot } from "../../domain/metainfo/piece-hash.ts";
import type { FileIdentity } from "../../world/disk.ts";

/** Where the files of one torrent lie. */
export type StoreSpec = {
  readonly rootDir: string;
  readonly modeBits: number;
  readonly layout: LayoutSource;
  /** Components below rootDir for each file of the layout. */
  readonly paths: readonly (readonly string[])[];
  /** Folder and name of the journal of verified pieces; absent: none is kept. */
  readonly journal: { readonly dir: string; readonly name: string } | undefined;
};

/** What a piece must hash to; for a hybrid both, for a v2 magnet without its layer yet neither. */
export type PieceExpectation = {
  readonly sha1: Uint8Array | undefined;
  readonly root: PieceRoot | undefined;
};

export type StoreJob =
  | { readonly kind: "open"; readonly store: number; readonly spec: StoreSpec }
  | {
      /** Hash what is in memory, each block behind the room for its frame head; if it is right, write it. */
      readonly kind: "write";
      readonly store: number;
      readonly id: number;
      readonly piece: number;
      readonly memory: SharedArrayBuffer;
      readonly expected: PieceExpectation;
      /** Also answer with a digest of each block, to tell who sent the bad ones. */
      readonly wantDigests: boolean;
    }
  | {
      /** Read a piece into memory, each block behind its frame head, ready to be sent. */
      readonly kind: "read";
      readonly store: number;
      readonly id: number;
      readonly piece: number;
      readonly memory: SharedArrayBuffer;
      /** Absent: not hashed again. */
      readonly expected: PieceExpectation | undefined;
    }
  | {
      /** Hash pieces first … first + expected.length − 1 as they lie on disk. */
      readonly kind: "check";
      readonly store: number;
      readonly id: number;
      readonly first: number;
      readonly expected: readonly (PieceExpectation | undefined)[];
    }
  | {
      /** Hash each block of a piece, if the whole of it is right (BEP 52's leaves). */
      readonly kind: "leaves";
      readonly store: number;
      readonly id: number;
      readonly piece: number;
      readonly expected: PieceExpectation;
    }
  | {
      /** Make everything durable; answers with the identity of each file (for the resume record). */
      readonly kind: "sync";
      readonly store: number;
      readonly id: number;
      /** Empty files, which no piece brings into being. */
      readonly emptyFiles: readonly number[];
    }
  | { readonly kind: "identify"; readonly store: number; readonly id: number }
  /** One step of moving the files; asked again until it answers with the identities of the files in their new place. */
  | { readonly kind: "move"; readonly store: number; readonly id: number; readonly rootDir: string }
  /** The end of a move: the old files go, or, when nobody could write down the new place, the new ones. */
  | { readonly kind: "settle"; readonly store: number; readonly id: number; readonly keep: "old" | "new" }
  | { readonly kind: "close"; readonly store: number; readonly id: number };

export type StoreAnswer =
  | { readonly kind: "written"; readonly digests: Uint8Array | undefined }
  /** `leaves`: SHA-256 of each block of the data, where the torrent has a v2 half. */
  | { readonly kind: "hash-differs"; readonly digests: Uint8Array; readonly leaves: Uint8Array | undefined }
  | { readonly kind: "leaves"; readonly leaves: Uint8Array }
  | { readonly kind: "read" }
  /** One byte a piece: 1 where it verified. */
  | { readonly kind: "checked"; readonly good: Uint8Array }
  | { readonly kind: "identities"; readonly files: readonly (FileIdentity | undefined)[] }
  | { readonly kind: "moving" }
  | { readonly kind: "settled" }
  | { readonly kind: "closed" }
  | { readonly kind: "failed"; readonly failure: Failure };

export type StoreReply = { readonly id: number; readonly answer: StoreAnswer };
