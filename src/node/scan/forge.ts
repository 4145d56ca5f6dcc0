// Makes archives for the scanner's tests, honest ones and every kind of lying one, so that no hostile file is committed.

import { crc32, deflateRawSync } from "node:zlib";

export type ForgedEntry = {
  readonly name: string;
  readonly content: Uint8Array;
  readonly method?: 0 | 8;
  /** What the table of contents or the local header claims instead of the truth. */
  readonly central?: { name?: string; method?: number; crc?: number; unpackedBytes?: number; flags?: number };
  readonly local?: { name?: string; method?: number; crc?: number; unpackedBytes?: number };
  /** The bytes that are really there, when they are not what `method` says. */
  readonly stored?: Uint8Array;
  readonly unixMode?: number;
  /** Shares the body of the entry with this index. */
  readonly bodyOf?: number;
};

/** A zip of the entries; `prefix` bytes stand before it and are counted into the offsets. */
export function forgeZip(entries: readonly ForgedEntry[], options: { readonly prefix?: Uint8Array } = {}): Buffer {
  const prefix = Buffer.from(options.prefix ?? []);
  const bodies: Buffer[] = [prefix];
  const table: Buffer[] = [];
  const offsets: number[] = [];
  let at = prefix.length;
  for (const entry of entries) {
    const method = entry.method ?? 8;
    const packed = Buffer.from(entry.stored ?? (method === 8 ? deflateRawSync(entry.content) : entry.content));
    const shared = entry.bodyOf === undefined ? undefined : offsets[entry.bodyOf];
    offsets.push(shared ?? at);
    if (shared === undefined) {
      const header = fields(entry, packed.length, { method, flags: 0, ...entry.local });
      const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4, 20, 0]), header.body, header.name, packed]);
      bodies.push(local);
      at += local.length;
    }
    const header = fields(entry, packed.length, { method, flags: 0, ...entry.central });
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.unixMode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(offsets.at(-1) ?? 0, 10);
    table.push(Buffer.concat([Buffer.from([0x50, 0x4b, 1, 2, 20, 3, 20, 0]), header.body, tail, header.name]));
  }
  return Buffer.concat([...bodies, ...table, endRecord(entries.length, Buffer.concat(table).length, at)]);
}

/** The end record: how many entries, how long their table is, where it begins. */
export function endRecord(count: number, tableBytes: number, tableAt: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(tableBytes, 12);
  end.writeUInt32LE(tableAt, 16);
  return end;
}

type Claims = { name?: string; method: number; crc?: number; unpackedBytes?: number; flags: number };

function fields(entry: ForgedEntry, packedBytes: number, claims: Claims): { body: Buffer; name: Buffer } {
  const name = Buffer.from(claims.name ?? entry.name);
  const body = Buffer.alloc(24);
  body.writeUInt16LE(claims.flags, 0);
  body.writeUInt16LE(claims.method, 2);
  body.writeUInt32LE(claims.crc ?? crc32(entry.content), 8);
  body.writeUInt32LE(packedBytes, 12);
  body.writeUInt32LE(claims.unpackedBytes ?? entry.content.length, 16);
  body.writeUInt16LE(name.length, 20);
  return { body, name };
}

export type ForgedTarEntry = {
  readonly name: string;
  readonly content?: Uint8Array;
  readonly type?: string;
  readonly target?: string;
};

/** A ustar archive of the entries with its end mark. */
export function forgeTar(entries: readonly ForgedTarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? []);
    const header = Buffer.alloc(512);
    header.write(entry.name, 0, 100);
    header.write("0000644\0", 100);
    header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("        ", 148);
    header.write(entry.type ?? "0", 156);
    header.write(entry.target ?? "", 157, 100);
    header.write("ustar\u000000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** An ar archive, the shell of Debian packages. */
export function forgeAr(members: readonly { readonly name: string; readonly content: Uint8Array }[]): Buffer {
  const parts = members.flatMap(({ name, content }) => [
    Buffer.from(
      `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(content.length).padEnd(10)}\`\n`,
    ),
    Buffer.from(content),
    Buffer.alloc(content.length % 2, "\n"),
  ]);
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}
