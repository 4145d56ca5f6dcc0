// A computer made of files, for audits: its packages, homes, browsers and processes lie below one folder.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";

const TCP_HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

export type FakeProcess = {
  readonly pid: number;
  readonly exe?: string;
  readonly command?: readonly string[];
  readonly comm?: string;
  /** Inodes of its sockets. */
  readonly sockets?: readonly number[];
};

export class Computer {
  readonly root = mkdtempSync(join(tmpdir(), "swarmgate-audit-"));

  constructor(t: TestContext) {
    t.after(() => rmSync(this.root, { recursive: true, force: true }));
    this.file(
      "etc/passwd",
      "root:x:0:0::/root:/bin/sh\ndaemon:x:1:1::/usr/sbin:/bin/false\nmia:x:1000:1000::/home/mia:/bin/sh\n",
    );
  }

  path(path: string): string {
    return join(this.root, path);
  }

  folder(path: string): void {
    mkdirSync(this.path(path), { recursive: true });
  }

  file(path: string, content: string | Uint8Array, modeBits = 0o644): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), content);
    chmodSync(this.path(path), modeBits);
  }

  json(path: string, value: unknown): void {
    this.file(path, JSON.stringify(value));
  }

  process({ pid, exe, command = [], comm, sockets = [] }: FakeProcess): void {
    this.folder(`proc/${pid}/fd`);
    if (exe !== undefined) symlinkSync(exe, this.path(`proc/${pid}/exe`));
    this.file(`proc/${pid}/cmdline`, command.map((word) => `${word}\0`).join(""));
    if (comm !== undefined) this.file(`proc/${pid}/comm`, `${comm}\n`);
    sockets.forEach((inode, index) => symlinkSync(`socket:[${inode}]`, this.path(`proc/${pid}/fd/${index + 3}`)));
  }

  /** Lines of /proc/net as the kernel writes them: addresses in hexadecimal, each word turned. */
  sockets(table: "tcp" | "tcp6" | "udp" | "udp6", rows: readonly (readonly [string, string, string, number])[]): void {
    const lines = rows.map(
      ([local, remote, state, inode], index) =>
        `   ${index}: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 0 0 ${inode} 1`,
    );
    this.file(`proc/net/${table}`, `${[TCP_HEADER, ...lines].join("\n")}\n`);
  }
}
