// Byte ranges that somebody waits for, such as a film that is watched while it comes: which pieces they need, in which order,
// which will not be here in time unless others help, and which are late.

import type { MonotonicMs } from "../../world/clock.ts";
import type { WantedRange } from "../contract.ts";
import type { ActivePiece } from "../picker/active-piece.ts";
import type { Picker } from "../picker/picker.ts";
import type { Content } from "./content.ts";

/** What is fetched twice is spent: where everything is late, only the pieces that are needed next are rescued. */
const RESCUED_MAX = 2;
/** Blocks wait in a peer's queue for a second or two before the first one comes: until then no pace is known. */
const QUEUED_MS_MAX = 3_000;

type Due = {
  readonly deadlineMs: number;
  isTold: boolean;
  /** Blocks that were missing at the last look; undefined while nobody fetches the piece. */
  blocksLeft: number | undefined;
};

/** Of a torrent whose metadata is known. */
export type Fetching = { readonly content: Content; readonly picker: Picker };

export class Deadlines {
  readonly #late: (piece: number) => void;
  /** Those that could not be planned yet. */
  #ranges: readonly WantedRange[] | undefined;
  /** The nearest deadline first. */
  #due = new Map<number, Due>();

  constructor(late: (piece: number) => void) {
    this.#late = late;
  }

  /** Replaces what was wanted before. A magnet's files are not known at first: their ranges wait until they are. */
  want(ranges: readonly WantedRange[], fetching: Fetching | undefined): void {
    this.#ranges = ranges;
    if (fetching !== undefined) this.#plan(fetching);
  }

  /** Once a second. */
  tick(fetching: Fetching | undefined, nowMs: MonotonicMs, elapsedMs: number): void {
    if (fetching === undefined) return;
    this.#plan(fetching);
    if (this.#due.size === 0) return;
    const rescued: number[] = [];
    for (const [piece, due] of this.#due) {
      if (fetching.content.have.has(piece)) {
        this.#due.delete(piece);
        continue;
      }
      if (!due.isTold && nowMs >= due.deadlineMs) {
        due.isTold = true;
        this.#late(piece);
      }
      if (willMiss(due, fetching.picker.active.get(piece), due.deadlineMs - nowMs, elapsedMs)) rescued.push(piece);
    }
    fetching.picker.rescue(rescued.slice(0, RESCUED_MAX));
  }

  #plan({ content, picker }: Fetching): void {
    if (this.#ranges === undefined) return;
    const before = this.#due;
    this.#due = new Map();
    for (const range of this.#ranges.toSorted((a, b) => a.deadlineMs - b.deadlineMs)) {
      for (const piece of piecesOf(range, content)) {
        if (content.have.has(piece) || this.#due.has(piece)) continue;
        const known = before.get(piece);
        const isSame = known?.deadlineMs === range.deadlineMs;
        this.#due.set(piece, isSame ? known : { ...range, isTold: false, blocksLeft: known?.blocksLeft });
      }
    }
    this.#ranges = undefined;
    picker.setUrgent([...this.#due.keys()]);
  }
}

/** At the pace since the last look. A piece that nobody fetches is not slow but waits for its turn. */
function willMiss(due: Due, active: ActivePiece | undefined, msLeft: number, elapsedMs: number): boolean {
  const before = due.blocksLeft ?? active?.blockCount ?? 0;
  due.blocksLeft = active?.left;
  if (active === undefined || active.left === 0) return false;
  const arrived = before - active.left;
  return msLeft < (arrived > 0 ? (active.left / arrived) * elapsedMs : QUEUED_MS_MAX);
}

function* piecesOf(
  { fileIndex, beginBytes, lengthBytes }: WantedRange,
  { layout, metainfo }: Content,
): Generator<number> {
  const file = metainfo.files[fileIndex];
  if (file === undefined || lengthBytes <= 0 || beginBytes >= file.bytes) return;
  const begin = file.offsetBytes + Math.max(0, beginBytes);
  const end = Math.min(file.offsetBytes + file.bytes, begin + lengthBytes);
  const last = Math.floor((end - 1) / layout.pieceLengthBytes);
  for (let piece = Math.floor(begin / layout.pieceLengthBytes); piece <= last; piece++) yield piece;
}
