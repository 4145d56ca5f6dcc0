// Which client an executable is whatever it is called: strings that its own sources put into every build, seen in
// Debian's builds and in no other client. All strings of one mark must be there.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { CLIENTS, type ClientEntry } from "./clients.ts";

const MARKS: Readonly<Record<string, readonly string[]>> = {
  Transmission: ["X-Transmission-Session-Id", "dht.transmissionbt.com"],
  qBittorrent: ["qBittorrent termination initiated"],
  rTorrent: ["rtorrent.dht_cache", "rtorrent.input_history"],
  // The program itself is small; what it does lies in its library, which no other package links.
  aria2: ["libaria2.so."],
  aMule: ["CamuleApp", "aMule shutdown completed."],
  "EiskaltDC++": ["libeiskaltdcpp"],
};

const MARKED: readonly { readonly client: ClientEntry; readonly strings: readonly Buffer[] }[] = CLIENTS.flatMap(
  (client) => {
    const strings = MARKS[client.name];
    return strings === undefined ? [] : [{ client, strings: strings.map((text) => Buffer.from(text, "latin1")) }];
  },
);

/** Names of clients with marks; a test holds them against the table. */
export const MARKED_NAMES: readonly string[] = Object.keys(MARKS);

const ELF_MAGIC = Buffer.from("\u007fELF", "latin1");
// AppImage specification: the type-2 image is an ELF file with these bytes at offset 8.
const APPIMAGE_MAGIC = Buffer.from("AI\u0002", "latin1");
const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** Over one audit; a home folder full of large programs must not hold it up. */
const TOTAL_BYTES_MAX = 2 * 1024 * 1024 * 1024;
const HEAD_BYTES = 16;

export type FileKind = "elf" | "appimage" | "other";

export class ContentMarks {
  readonly #seen = new Map<string, ClientEntry | undefined>();
  #bytesRead = 0;

  /** By the first bytes; undefined where it cannot be read. */
  kind(path: string): FileKind | undefined {
    const head = this.#read(path, HEAD_BYTES)?.bytes;
    if (head === undefined) return undefined;
    if (!head.subarray(0, ELF_MAGIC.length).equals(ELF_MAGIC)) return "other";
    return head.subarray(8, 8 + APPIMAGE_MAGIC.length).equals(APPIMAGE_MAGIC) ? "appimage" : "elf";
  }

  /** The client that this executable contains; each file is read once however many processes run it. */
  client(path: string): ClientEntry | undefined {
    const head = this.#read(path, HEAD_BYTES);
    if (head === undefined || !head.bytes.subarray(0, ELF_MAGIC.length).equals(ELF_MAGIC)) return undefined;
    if (this.#seen.has(head.identity)) return this.#seen.get(head.identity);
    const whole = this.#bytesRead < TOTAL_BYTES_MAX ? this.#read(path, FILE_BYTES_MAX)?.bytes : undefined;
    this.#bytesRead += whole?.length ?? 0;
    const client = MARKED.find(({ strings }) => whole !== undefined && strings.every((text) => whole.includes(text)));
    this.#seen.set(head.identity, client?.client);
    return client?.client;
  }

  #read(path: string, bytesMax: number): { bytes: Buffer; identity: string } | undefined {
    try {
      const file = openSync(path, "r");
      try {
        const { dev, ino, size, mtimeMs } = fstatSync(file);
        const bytes = Buffer.alloc(Math.min(size, bytesMax));
        const count = readSync(file, bytes, 0, bytes.length, 0);
        return { bytes: bytes.subarray(0, count), identity: `${dev} ${ino} ${size} ${mtimeMs}` };
      } finally {
        closeSync(file);
      }
    } catch {
      return undefined;
    }
  }
}
