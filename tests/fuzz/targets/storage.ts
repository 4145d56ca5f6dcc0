// What lies on the disk from the last run: records and journals that a crash, rot or another program may have altered.

import { createHash } from "node:crypto";
import { piecesOfJournal } from "../../../src/engine/storage/journal.ts";
import { decodeResumeRecord, encodeResumeRecord, filesUnchanged } from "../../../src/engine/storage/resume-record.ts";
import type { FuzzTarget } from "../target.ts";

const PIECES = 1000;
const CHECKSUM_BYTES = 32;

/** An input is a record without its checksum, which is put right: otherwise no change would come past it. */
export const RESUME_RECORD: FuzzTarget = {
  name: "resume-record",
  seeds: () =>
    [
      {
        pieces: new Uint8Array(125).fill(0xaa),
        files: [{ sizeBytes: 7, modifiedMs: 9 }, undefined],
        infoBytes: undefined,
      },
      { pieces: new Uint8Array(0), files: [], infoBytes: new Uint8Array(40).fill(0x31) },
    ].map((record) => encodeResumeRecord(record).subarray(CHECKSUM_BYTES)),
  run(input) {
    if (decodeResumeRecord(input) !== undefined) return "believed without a checksum";
    const sum = createHash("sha256").update(input).digest();
    const record = decodeResumeRecord(new Uint8Array(Buffer.concat([sum, input])));
    if (record === undefined) return "none";
    const again = decodeResumeRecord(encodeResumeRecord(record));
    if (again === undefined || !filesUnchanged(again, record.files))
      throw new Error("a record that was read is read again");
    return `${record.pieces.length > 0} ${record.files.length} ${record.infoBytes === undefined}`;
  },
};

export const JOURNAL: FuzzTarget = {
  name: "journal",
  seeds: () => [[0, 7, 999], [4_000_000_000]].map(entries),
  run(input) {
    const pieces = piecesOfJournal(input, PIECES);
    if (pieces.some((piece) => piece >= PIECES)) throw new Error("a journal names no piece outside the torrent");
    return `${pieces.length}`;
  },
};

function entries(pieces: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(pieces.flatMap((piece) => [piece, ~piece >>> 0])).buffer);
}
