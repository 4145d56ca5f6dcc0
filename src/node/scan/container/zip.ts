// zip: yauzl reads it, and what yauzl takes on trust is checked here, since a zip says everything twice and may lie
// in either place (H116–H122). A lie is suspicious; what cannot be opened is unscanned.

import { Readable } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import {
  type Entry,
  fromRandomAccessReaderPromise,
  type LocalFileHeader,
  RandomAccessReader,
  type ZipFile,
} from "yauzl";
import { REASON_FORMAT_UNOPENED } from "../../../domain/verdict.ts";
import type { Finding } from "../finding.ts";
import { leavesFolder } from "../name.ts";
import { chunksOf, SliceSource, type Source } from "../source.ts";
import { BrokenContainer, type Container, fill, type Opening } from "./container.ts";
import { isZlibError, startsWith } from "./gzip.ts";
import { endRecords, hiddenRecords, type Range } from "./zip-layout.ts";

export const ZIP: Container = {
  name: "zip",
  recognises: (source) => startsWith(source, [0x50, 0x4b, 0x03, 0x04]) || startsWith(source, [0x50, 0x4b, 0x05, 0x06]),
  open: openZip,
};

/** A zip behind something else: a self-extractor, or two things in one (H124). Found from its end. */
export const ZIP_BEHIND: Container = {
  name: "zip-behind",
  recognises: (source) => endRecords(source).length > 0,
  async open(source, opening) {
    const end = endRecords(source).at(-1);
    if (end) await openZip(new SliceSource(source, end.zipBeginBytes, end.zipEndBytes - end.zipBeginBytes), opening);
  },
};

class SourceReader extends RandomAccessReader {
  readonly #source: Source;
  constructor(source: Source) {
    super();
    this.#source = source;
  }
  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(chunksOf(new SliceSource(this.#source, start, end - start)), { objectMode: false });
  }
}

type Located = { readonly entry: Entry; readonly name: string; readonly local: LocalFileHeader; readonly range: Range };

async function openZip(source: Source, opening: Opening): Promise<void> {
  const zip = await orBroken(() =>
    fromRandomAccessReaderPromise(new SourceReader(source), source.bytes, {
      autoClose: false,
      lazyEntries: true,
      decodeStrings: false,
      // Checked here: yauzl would refuse what has to be looked into (H118, H121).
      validateEntrySizes: false,
    }),
  );
  const located = await locate(zip, opening);
  for (const finding of hiddenRecords(source, located)) opening.report(finding);
  if (overlaps(located)) {
    // Fifield's bomb: thousands of entries share one body. Nothing honest is made like that.
    opening.report(lie("zip.entries_overlap", "Its entries overlap each other, as decompression bombs do."));
    return;
  }
  for (const one of located) await openEntry(source, one, opening);
}

async function locate(zip: ZipFile, opening: Opening): Promise<Located[]> {
  const located: Located[] = [];
  const entries = zip.eachEntry();
  for (;;) {
    const next = await orBroken(() => entries.next());
    if (next.done === true) return located;
    opening.entry();
    const entry = next.value;
    const local = await orBroken(() => zip.readLocalFileHeaderPromise(entry));
    const name = entry.fileNameRaw.toString("utf8");
    const endBytes = local.fileDataStart + entry.compressedSize;
    located.push({ entry, name, local, range: { beginBytes: entry.relativeOffsetOfLocalHeader, endBytes } });
  }
}

async function openEntry(source: Source, located: Located, opening: Opening): Promise<void> {
  const { entry, name, local, range } = located;
  for (const finding of entryFindings(located)) opening.report(finding, name);
  if (entry.isEncrypted()) {
    opening.report(
      { outcome: "unscanned", reason: "zip.encrypted", why: "It is encrypted, so nobody can look inside it." },
      name,
    );
    return;
  }
  if (range.endBytes > source.bytes) throw new BrokenContainer("The zip archive ends too early.");
  const packed = new SliceSource(source, local.fileDataStart, entry.compressedSize);
  if (entry.compressionMethod === 0) await openStored(packed, entry, name, opening);
  else if (entry.compressionMethod === 8) await openDeflated(packed, entry, name, opening);
  else {
    opening.report(
      {
        outcome: "unscanned",
        reason: REASON_FORMAT_UNOPENED,
        why: `It is packed with method ${entry.compressionMethod}, which the built-in scanner does not open.`,
      },
      name,
    );
  }
}

async function openStored(packed: Source, entry: Entry, name: string, opening: Opening): Promise<void> {
  if (name.endsWith("/") && packed.bytes === 0) return;
  opening.budget.unpacked(packed.bytes);
  let sum = 0;
  for (const chunk of chunksOf(packed)) sum = crc32(chunk, sum);
  await opening.member({ name, content: packed });
  if (sum === entry.crc32 && packed.bytes === entry.uncompressedSize) return;
  opening.report(lie("zip.content_differs", "Its content is not what its table of contents says."), name);
  // A "zombie": declared as stored, really deflated, so that only the attacker's own loader unpacks it (H118).
  if (packed.bytes > 0) await openDeflated(packed, entry, name, opening, "try");
}

async function openDeflated(
  packed: Source,
  entry: Entry,
  name: string,
  opening: Opening,
  effort: "must" | "try" = "must",
): Promise<void> {
  using spool = opening.spool();
  const input = Readable.from(chunksOf(packed), { objectMode: false });
  const inflater = createInflateRaw();
  input.on("error", (cause) => inflater.destroy(cause));
  try {
    await fill(spool, opening.budget, input.pipe(inflater));
  } catch (thrown) {
    if (!isZlibError(thrown)) throw thrown;
    if (effort === "try") return;
    throw new BrokenContainer("The compressed data of a zip entry is damaged.", { cause: thrown });
  } finally {
    input.destroy();
    inflater.destroy();
  }
  using content = spool.source();
  let sum = 0;
  for (const chunk of chunksOf(content)) sum = crc32(chunk, sum);
  await opening.member({ name, content });
  if (sum !== entry.crc32 || content.bytes !== entry.uncompressedSize) {
    opening.report(lie("zip.content_differs", "Its content is not what its table of contents says."), name);
  }
}

function entryFindings({ entry, name, local }: Located): Omit<Finding, "within">[] {
  const found: Omit<Finding, "within">[] = [];
  if (leavesFolder(name)) {
    found.push(lie("container.path_escapes", "Unpacking it would write outside its own folder."));
  }
  if (!local.fileName.equals(entry.fileNameRaw) || headersDiffer(entry, local)) {
    found.push(
      lie("zip.headers_differ", "It describes one entry in two different ways, to show scanners another file."),
    );
  }
  // The upper half holds the Unix mode when the archive was made on Unix: 0xA000 is a link, 0x2000/0x6000 a device.
  const kind = (entry.externalFileAttributes >>> 16) & 0xf000;
  if (kind === 0xa000) {
    found.push(lie("container.link_escapes", "It holds a symbolic link, which can lead out of the folder."));
  } else if (kind === 0x2000 || kind === 0x6000 || kind === 0x1000) {
    found.push(lie("container.device_entry", "It holds a device or pipe instead of a file."));
  }
  if (/(^|\/)vbaProject\.bin$/iu.test(name)) {
    found.push(lie("office.macro", "It is an office document with macros, which run when it is opened."));
  }
  return found;
}

const DESCRIPTOR_FOLLOWS = 0x08;
const ZIP64 = 0xffffffff;

function headersDiffer(entry: Entry, local: LocalFileHeader): boolean {
  if (entry.compressionMethod !== local.compressionMethod) return true;
  if ((entry.generalPurposeBitFlag & 1) !== (local.generalPurposeBitFlag & 1)) return true;
  if ((local.generalPurposeBitFlag & DESCRIPTOR_FOLLOWS) !== 0) {
    // Sizes and sum then stand behind the data, and the header may say zero.
    return ![0, ZIP64, entry.compressedSize].includes(local.compressedSize);
  }
  return (
    entry.crc32 !== local.crc32 ||
    ![ZIP64, entry.compressedSize].includes(local.compressedSize) ||
    ![ZIP64, entry.uncompressedSize].includes(local.uncompressedSize)
  );
}

function overlaps(located: readonly Located[]): boolean {
  const ranges = located.map((one) => one.range).sort((a, b) => a.beginBytes - b.beginBytes);
  return ranges.some((range, index) => range.beginBytes < (ranges[index - 1]?.endBytes ?? 0));
}

function lie(reason: string, why: string): Omit<Finding, "within"> {
  return { outcome: "suspicious", reason, why };
}

// yauzl says what is wrong with an archive only by throwing plain errors.
async function orBroken<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (thrown) {
    throw new BrokenContainer(`The zip archive is damaged.`, { cause: thrown });
  }
}
