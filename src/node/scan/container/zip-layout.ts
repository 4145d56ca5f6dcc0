// Where the records of a zip lie, read without trusting any of them: two tables of contents, and entries that no
// table names, are how one file is shown to the scanner and another to the person (H119, H120, H124).

import type { Finding } from "../finding.ts";
import type { Source } from "../source.ts";

export type Range = { readonly beginBytes: number; readonly endBytes: number };

const END_BYTES = 22;
const COMMENT_BYTES_MAX = 65_535;
const END_MAGIC = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
const CENTRAL_MAGIC = Buffer.from([0x50, 0x4b, 0x01, 0x02]);
const LOCAL_MAGIC = Buffer.from([0x50, 0x4b, 0x03, 0x04]);

export type EndRecord = {
  readonly atBytes: number;
  /** Where the zip begins by its own account: other things may stand in front of it. */
  readonly zipBeginBytes: number;
  readonly zipEndBytes: number;
};

/** End records in the last 64 KiB whose table of contents is where they say, or empty. */
export function endRecords(source: Source): EndRecord[] {
  const tailBytes = Math.min(source.bytes, END_BYTES + COMMENT_BYTES_MAX);
  const beginBytes = source.bytes - tailBytes;
  const tail = Buffer.from(source.read({ beginBytes, lengthBytes: tailBytes }));
  const found: EndRecord[] = [];
  for (let at = tail.indexOf(END_MAGIC); at >= 0; at = tail.indexOf(END_MAGIC, at + 1)) {
    if (at + END_BYTES > tail.length) break;
    const record = endRecord(source, tail, at, beginBytes + at);
    if (record) found.push(record);
  }
  return found;
}

function endRecord(source: Source, tail: Buffer, at: number, atBytes: number): EndRecord | undefined {
  const entries = tail.readUInt16LE(at + 10);
  const tableBytes = tail.readUInt32LE(at + 12);
  const zipEndBytes = atBytes + END_BYTES + tail.readUInt16LE(at + 20);
  if (zipEndBytes > source.bytes) return undefined;
  if (entries === 0) return tableBytes === 0 ? { atBytes, zipBeginBytes: atBytes, zipEndBytes } : undefined;
  // zip64 keeps the real numbers elsewhere.
  if (tableBytes === 0xffffffff || entries === 0xffff) return { atBytes, zipBeginBytes: 0, zipEndBytes };
  const tableAtBytes = atBytes - tableBytes;
  if (tableAtBytes < 0) return undefined;
  if (!CENTRAL_MAGIC.equals(source.read({ beginBytes: tableAtBytes, lengthBytes: 4 }))) return undefined;
  return { atBytes, zipBeginBytes: Math.max(0, tableAtBytes - tail.readUInt32LE(at + 16)), zipEndBytes };
}

/** A local header or a further end record in a part of the file that no entry claims. */
export function hiddenRecords(
  source: Source,
  located: readonly { readonly range: Range }[],
): Omit<Finding, "within">[] {
  const ranges = located.map((one) => one.range).sort((a, b) => a.beginBytes - b.beginBytes);
  let reachedBytes = 0;
  for (const range of ranges) {
    if (holdsRecord(source, reachedBytes, range.beginBytes)) {
      return [lie("zip.hidden_entry", "It holds an entry that its table of contents does not name.")];
    }
    reachedBytes = Math.max(reachedBytes, range.endBytes);
  }
  const lastEndBytes = endRecords(source).at(-1)?.atBytes ?? source.bytes;
  if (holdsRecord(source, reachedBytes, lastEndBytes)) {
    return [lie("zip.two_end_records", "It has two tables of contents, and programs disagree which one counts.")];
  }
  return [];
}

function lie(reason: string, why: string): Omit<Finding, "within"> {
  return { outcome: "suspicious", reason, why };
}

function holdsRecord(source: Source, beginBytes: number, endBytes: number): boolean {
  const windowBytes = 1024 * 1024;
  for (let at = beginBytes; at < endBytes; at += windowBytes - 3) {
    const part = Buffer.from(source.read({ beginBytes: at, lengthBytes: Math.min(windowBytes, endBytes - at) }));
    if (part.indexOf(LOCAL_MAGIC) >= 0 || part.indexOf(END_MAGIC) >= 0) return true;
    if (part.length < windowBytes) break;
  }
  return false;
}
