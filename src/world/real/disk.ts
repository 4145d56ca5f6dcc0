// The machine's files, opened so that nothing in a download folder can lead the engine out of it.

import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  readvSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
  writevSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { present } from "../../base/assert.ts";
import type { Failure } from "../../base/failure.ts";
import { err, ok, type Result } from "../../base/result.ts";
import type { Disk, DiskFile, FileIdentity, FilePlace, OpenRequest } from "../disk.ts";
import { asFailure, codeOf, PathUnsafe } from "./disk-error.ts";
import { keepFloor } from "./disk-floor.ts";
import { makeFolders } from "./folders.ts";

const NOFOLLOW = constants.O_NOFOLLOW ?? 0;
const DIRECTORY = constants.O_DIRECTORY ?? 0;
// A planted FIFO must not block the thread that opens it.
const NONBLOCK = constants.O_NONBLOCK ?? 0;
const EXECUTE_BITS = 0o111;
/** Of folders, less what the umask takes. */
const OPEN_TO_ALL = 0o777;
const OPENS_BY_DESCRIPTOR = existsSync("/proc/self/fd");

export const realDisk: Disk = {
  open(request) {
    try {
      const folder = openFolder(request);
      try {
        return ok(openIn(folder, request));
      } finally {
        folder.close();
      }
    } catch (thrown) {
      return err(asFailure(thrown, request.path.join("/")));
    }
  },

  readWhole(path, bytesMax) {
    return attempt(path, () => {
      const fd = openSync(path, constants.O_RDONLY | NONBLOCK);
      try {
        const { size } = fstatSync(fd);
        if (size > bytesMax) throw new PathUnsafe("larger than its limit");
        const bytes = new Uint8Array(size);
        let filled = 0;
        while (filled < size) {
          const count = readSync(fd, bytes, filled, size - filled, filled);
          if (count === 0) break;
          filled += count;
        }
        return bytes.subarray(0, filled);
      } finally {
        closeSync(fd);
      }
    });
  },

  replace(path, bytes) {
    return attempt(path, () => {
      makeFolders(dirname(path), OPEN_TO_ALL);
      const temporary = `${path}.new`;
      const fd = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | NOFOLLOW, 0o600);
      try {
        let written = 0;
        while (written < bytes.length) written += writeSync(fd, bytes, written, bytes.length - written, written);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(temporary, path);
      syncFolder(dirname(path));
      return undefined;
    });
  },

  remove(path) {
    return attempt(path, () => {
      if (existsSync(path)) unlinkSync(path);
      return undefined;
    });
  },

  rename(file, name) {
    return inFolderOf(file, (folder, before) => {
      renameSync(folder.child(before), folder.child(name));
      syncFolder(folder.child("."));
    });
  },

  removeIn(file) {
    const removed = inFolderOf(file, (folder, name) => unlinkSync(folder.child(name)));
    if (!removed.ok) return removed.error.code === "engine.file_missing" ? ok() : removed;
    let left = { ...file, path: file.path.slice(0, -1) };
    // A folder that holds something else stays, and so do those above it.
    while (left.path.length > 0 && inFolderOf(left, (folder, name) => rmdirSync(folder.child(name))).ok) {
      left = { ...file, path: left.path.slice(0, -1) };
    }
    return ok();
  },
};

function inFolderOf(file: FilePlace, action: (folder: Folder, name: string) => void): Result<undefined, Failure> {
  return attempt(file.path.join("/"), () => {
    const folder = openFolder({ ...file, access: "read", modeBits: 0 });
    using _ = { [Symbol.dispose]: () => folder.close() };
    action(folder, present(file.path.at(-1), "a file name"));
    return undefined;
  });
}

type Folder = { child(name: string): string; close(): void };

// Linux has openat() in the shape of /proc/self/fd/N/name: each step is taken from a folder that is already open, so a
// folder swapped for a symlink meanwhile is not followed (H45). Elsewhere each step is looked at before it is taken.
function openFolder(request: OpenRequest): Folder {
  const unsafe = request.path.find((name) => name === "" || name === "." || name === ".." || name.includes("/"));
  if (unsafe !== undefined || request.path.length === 0) throw new PathUnsafe(String(unsafe));
  const folders = request.path.slice(0, -1);
  return OPENS_BY_DESCRIPTOR ? walkByDescriptor(request, folders) : walkByPath(request, folders);
}

function walkByDescriptor(request: OpenRequest, folders: readonly string[]): Folder {
  const mayMake = request.access === "write";
  let fd = openStep(request.rootDir, 0, mayMake ? makeRoot : undefined);
  try {
    for (const name of folders) {
      const next = openStep(`/proc/self/fd/${fd}/${name}`, NOFOLLOW, mayMake ? makeFolder : undefined);
      closeSync(fd);
      fd = next;
    }
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
  return { child: (name) => `/proc/self/fd/${fd}/${name}`, close: () => closeSync(fd) };
}

// Looked for before it is made: of ten thousand files in one folder only the first finds it missing.
function openStep(path: string, flags: number, make: ((path: string) => void) | undefined): number {
  try {
    return openSync(path, constants.O_RDONLY | DIRECTORY | flags);
  } catch (thrown) {
    if (make === undefined || codeOf(thrown) !== "ENOENT") throw thrown;
    make(path);
    return openSync(path, constants.O_RDONLY | DIRECTORY | flags);
  }
}

function walkByPath(request: OpenRequest, folders: readonly string[]): Folder {
  let at = request.rootDir;
  if (request.access === "write") makeRoot(at);
  for (const name of folders) {
    at = join(at, name);
    if (request.access === "write") makeFolder(at);
    if (!lstatSync(at).isDirectory()) throw new PathUnsafe(at);
  }
  return { child: (name) => join(at, name), close: () => undefined };
}

function makeRoot(path: string): void {
  makeFolders(path, OPEN_TO_ALL);
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (thrown) {
    if (codeOf(thrown) !== "EEXIST") throw thrown;
  }
}

function openIn(folder: Folder, request: OpenRequest): DiskFile {
  const name = present(request.path.at(-1), "a file name");
  const writing = request.access === "write";
  const flags = (writing ? constants.O_RDWR | constants.O_CREAT : constants.O_RDONLY) | NOFOLLOW | NONBLOCK;
  const fd = openSync(folder.child(name), flags, request.modeBits & ~EXECUTE_BITS);
  const stat = fstatSync(fd);
  // A second name for the same file may lie anywhere: writing here would change it there.
  if (!stat.isFile() || (writing && stat.nlink > 1)) {
    closeSync(fd);
    throw new PathUnsafe(name);
  }
  return new NodeFile(fd, request);
}

class NodeFile implements DiskFile {
  readonly #fd: number;
  readonly #name: string;
  readonly #rootDir: string;
  /** Linux drops the dirty pages of a failed fsync: a second one would report success for lost data (H143). */
  #lost: Failure | undefined;

  constructor(fd: number, { path, rootDir }: OpenRequest) {
    this.#fd = fd;
    this.#name = path.join("/");
    this.#rootDir = rootDir;
  }

  read(views: readonly Uint8Array[], atBytes: number): Result<number, Failure> {
    return attempt(this.#name, () => {
      let rest = views;
      let filled = 0;
      while (rest.length > 0) {
        const count = readvSync(this.#fd, rest, atBytes + filled);
        if (count === 0) break;
        filled += count;
        rest = withoutFirst(rest, count);
      }
      return filled;
    });
  }

  write(views: readonly Uint8Array[], atBytes: number): Result<undefined, Failure> {
    return attempt(this.#name, () => {
      keepFloor(this.#rootDir, views);
      let rest = views;
      let at = atBytes;
      while (rest.length > 0) {
        const written = writevSync(this.#fd, rest, at);
        if (written === 0) throw Object.assign(new Error("nothing was written"), { code: "EIO" });
        at += written;
        rest = withoutFirst(rest, written);
      }
      return undefined;
    });
  }

  sync(): Result<undefined, Failure> {
    if (this.#lost !== undefined) return err(this.#lost);
    const synced = attempt(this.#name, () => fsyncSync(this.#fd));
    if (!synced.ok) this.#lost = synced.error;
    return synced.ok ? ok() : synced;
  }

  truncate(sizeBytes: number): Result<undefined, Failure> {
    const done = attempt(this.#name, () => ftruncateSync(this.#fd, sizeBytes));
    return done.ok ? ok() : done;
  }

  identity(): Result<FileIdentity, Failure> {
    return attempt(this.#name, () => {
      const stat = fstatSync(this.#fd);
      return { sizeBytes: stat.size, modifiedMs: stat.mtimeMs };
    });
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function withoutFirst(views: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  if (views.length === 1 && views[0]?.length === count) return [];
  const rest: Uint8Array[] = [];
  let skip = count;
  for (const view of views) {
    if (skip >= view.length) skip -= view.length;
    else {
      rest.push(skip === 0 ? view : view.subarray(skip));
      skip = 0;
    }
  }
  return rest;
}

function syncFolder(path: string): void {
  // Windows cannot open a folder; there a rename is durable by itself.
  if (process.platform === "win32") return;
  const fd = openSync(path, constants.O_RDONLY | DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function attempt<T>(name: string, action: () => T): Result<T, Failure> {
  try {
    return ok(action());
  } catch (thrown) {
    return err(asFailure(thrown, name));
  }
}
