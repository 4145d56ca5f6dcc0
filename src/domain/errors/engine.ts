// Failures of the engine plane.

import type { ErrorTable } from "./entry.ts";

export const ENGINE_ERRORS = {
  "engine.peer_unreachable": {
    fault: "peer",
    retry: "later",
    exit: 1,
    status: 502,
    says: "The peer {peer} could not be reached: {why}.",
    next: "Nothing to do: other peers are tried, and this one again later.",
  },
  "engine.listen_failed": {
    fault: "environment",
    retry: "after-change",
    exit: 1,
    status: 503,
    says: "Peers cannot be accepted at {at}: {why}.",
    next: "Choose another address or port with --listen, or stop the program that uses it.",
  },
  "engine.disk_full": {
    fault: "environment",
    retry: "later",
    exit: 1,
    status: 507,
    says: "The disk is full: {file} could not be written.",
    next: "Free some space. The transfer goes on by itself; nothing verified is lost.",
  },
  "engine.disk_failed": {
    fault: "environment",
    retry: "after-change",
    exit: 1,
    status: 500,
    says: "The disk refused {file}: {why}.",
    next: "Check the disk and the folder's permissions, then resume the transfer.",
  },
  "engine.file_missing": {
    fault: "environment",
    retry: "after-change",
    exit: 4,
    status: 404,
    says: "The file {file} is not where it should be.",
    next: "Put it back, or check the data again so that it is fetched anew.",
  },
  "engine.path_unsafe": {
    fault: "content",
    retry: "after-change",
    exit: 5,
    status: 409,
    says: "{file} is not a plain file in its folder: a link, a device or a folder lies in the way.",
    next: "Remove what lies there, or choose an empty folder. Nothing was written through it.",
  },
  "engine.files_exhausted": {
    fault: "environment",
    retry: "later",
    exit: 1,
    status: 503,
    says: "Too many files are open: {file} has to wait.",
    next: "Close other programs or raise the limit of open files (ulimit -n). The transfer goes on by itself.",
  },
  "engine.torrent_exists": {
    fault: "you",
    retry: "never",
    exit: 2,
    status: 409,
    says: "The torrent {id} is already here.",
    next: "Look at it with `swarmgate list`.",
  },
  "engine.metadata_unsafe": {
    fault: "content",
    retry: "never",
    exit: 5,
    status: 422,
    says: "The description that the peers sent is refused: {why}.",
    next: "Do not use this magnet link; ask whoever gave it to you for another.",
  },
} as const satisfies ErrorTable;
