// tar: ustar with GNU and pax long names. Own reader, since links, devices and slips are what must be seen (H123).

import { leavesFolder, linkLeavesFolder } from "../name.ts";
import { SliceSource, type Source } from "../source.ts";
import { BrokenContainer, type Container, type Opening } from "./container.ts";

const BLOCK_BYTES = 512;
const LONG_NAME_BYTES_MAX = 64 * 1024;

export const TAR: Container = {
  name: "tar",
  recognises: (source) => {
    const block = source.read({ beginBytes: 0, lengthBytes: BLOCK_BYTES });
    return block.length === BLOCK_BYTES && block[0] !== 0 && checksumHolds(block);
  },
  open: openTar,
};

type Header = { readonly name: string; readonly bytes: number; readonly type: string; readonly target: string };
type Overrides = { path?: string; target?: string; bytes?: number };

async function openTar(source: Source, opening: Opening): Promise<void> {
  const links = new Set<string>();
  let overrides: Overrides = {};
  let at = 0;
  while (at + BLOCK_BYTES <= source.bytes) {
    const block = source.read({ beginBytes: at, lengthBytes: BLOCK_BYTES });
    if (block.every((byte) => byte === 0)) {
      reportAfterEnd(source, at, opening);
      return;
    }
    if (!checksumHolds(block)) throw new BrokenContainer("A header inside the tar archive is damaged.");
    opening.entry();
    const plain = headerOf(block);
    const header = {
      ...plain,
      name: overrides.path ?? plain.name,
      target: overrides.target ?? plain.target,
      bytes: overrides.bytes ?? plain.bytes,
    };
    const beginBytes = at + BLOCK_BYTES;
    const storedBytes = /[12345]/.test(header.type) ? 0 : header.bytes;
    if (beginBytes + storedBytes > source.bytes) throw new BrokenContainer("The tar archive ends too early.");
    const content = new SliceSource(source, beginBytes, storedBytes);
    if (/[xgLK]/.test(header.type)) {
      overrides = header.type === "g" ? overrides : { ...overrides, ...overridesOf(header.type, content) };
    } else {
      overrides = {};
      await openEntry(header, content, links, opening);
    }
    at = beginBytes + Math.ceil(storedBytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
}

async function openEntry(header: Header, content: Source, links: Set<string>, opening: Opening): Promise<void> {
  // A Debian package's data is unpacked at the root by the package manager: links to absolute paths are usual there.
  const forRoot = opening.name.startsWith("data.tar");
  if (leavesFolder(header.name) || throughLink(header.name, links)) {
    opening.report(
      {
        outcome: "suspicious",
        reason: "container.path_escapes",
        why: "Unpacking it would write outside its own folder.",
      },
      header.name,
    );
  }
  if (header.type === "1" || header.type === "2") {
    links.add(steps(header.name).join("/"));
    const from = header.type === "1" ? "" : header.name;
    if (linkLeavesFolder(from, header.target) && !forRoot) {
      opening.report(
        {
          outcome: "suspicious",
          reason: "container.link_escapes",
          why: "It holds a link that leads out of its own folder.",
        },
        header.name,
      );
    }
    return;
  }
  if (header.type === "3" || header.type === "4" || header.type === "6") {
    opening.report(
      { outcome: "suspicious", reason: "container.device_entry", why: "It holds a device or pipe instead of a file." },
      header.name,
    );
    return;
  }
  if (header.type !== "5") await opening.member({ name: header.name, content });
}

// A link and then a file "through" it: the classic way out of the folder.
function throughLink(name: string, links: ReadonlySet<string>): boolean {
  if (links.size === 0) return false;
  const parts = steps(name);
  return parts.some((_, index) => index > 0 && links.has(parts.slice(0, index).join("/")));
}

function steps(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function reportAfterEnd(source: Source, atBytes: number, opening: Opening): void {
  const lengthBytes = 64 * 1024;
  for (let at = atBytes; at < source.bytes; at += lengthBytes) {
    if (source.read({ beginBytes: at, lengthBytes }).some((byte) => byte !== 0)) {
      opening.report({
        outcome: "suspicious",
        reason: "container.trailing_data",
        why: "Something is hidden behind the end mark of the tar archive.",
      });
      return;
    }
  }
}

function headerOf(block: Uint8Array): Header {
  const name = text(block, 0, 100);
  const ustar = text(block, 257, 5) === "ustar";
  const prefix = ustar && block[262] === 0 ? text(block, 345, 155) : "";
  const type = String.fromCharCode(block[156] ?? 0).replace("\0", "0");
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    bytes: number(block, 124, 12),
    type,
    target: text(block, 157, 100),
  };
}

function overridesOf(type: string, content: Source): Overrides {
  if (content.bytes > LONG_NAME_BYTES_MAX) throw new BrokenContainer("A name inside the tar archive is too long.");
  const raw = Buffer.from(content.read({ beginBytes: 0, lengthBytes: content.bytes }));
  if (type === "L") return { path: raw.toString("utf8").replace(/\0+$/u, "") };
  if (type === "K") return { target: raw.toString("utf8").replace(/\0+$/u, "") };
  const found: Overrides = {};
  let at = 0;
  // pax: "LENGTH KEY=VALUE\n", the length counting the whole record.
  while (at < raw.length) {
    const space = raw.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : Number(raw.toString("latin1", at, space));
    if (!Number.isInteger(length) || length <= 0 || at + length > raw.length) break;
    const record = raw.toString("utf8", space + 1, at + length - 1);
    const equals = record.indexOf("=");
    const value = record.slice(equals + 1);
    const key = record.slice(0, equals);
    if (key === "path") found.path = value;
    if (key === "linkpath") found.target = value;
    if (key === "size" && /^\d{1,15}$/.test(value)) found.bytes = Number(value);
    at += length;
  }
  return found;
}

function text(block: Uint8Array, begin: number, length: number): string {
  const field = block.subarray(begin, begin + length);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString("utf8");
}

function number(block: Uint8Array, begin: number, length: number): number {
  // GNU base-256 for sizes of 8 GiB and more.
  if (((block[begin] ?? 0) & 0x80) !== 0) {
    const bytes = block.subarray(begin + 1, begin + length).reduce((sum, byte) => sum * 256 + byte, 0);
    if (!Number.isSafeInteger(bytes)) throw new BrokenContainer("A size inside the tar archive is impossible.");
    return bytes;
  }
  const octal = text(block, begin, length).trim();
  if (!/^[0-7]*$/.test(octal)) throw new BrokenContainer("A size inside the tar archive is not a number.");
  return octal === "" ? 0 : Number.parseInt(octal, 8);
}

function checksumHolds(block: Uint8Array): boolean {
  const written = text(block, 148, 8).trim();
  if (!/^[0-7]{1,7}$/.test(written)) return false;
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  return sum === Number.parseInt(written, 8);
}
