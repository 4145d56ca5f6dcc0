// The last room on a disk is not filled with content: a system whose disk is full to the last byte can record nothing,
// not even that a transfer has stopped.

import { statfsSync } from "node:fs";

const FLOOR_BYTES_MAX = 64 * 1024 * 1024;
/** Of a small disk, such as one in memory: a sixteenth. */
const FLOOR_SHARE = 1 / 16;
/** Records of what was verified are shorter, and always written. */
const CONTENT_BYTES_MIN = 4096;
/** The kernel is asked again after so long, or after so much was written: asking at each piece was 1 % of a fast transfer. */
const LOOK_EVERY_MS = 1_000;
const UNSEEN_BYTES_MAX = 16 * 1024 * 1024;
/** Of the room above the floor, so that many folders on one disk cannot spend it unseen. */
const UNSEEN_SHARE = 1 / 8;
const PLACES_MAX = 1_000;

type Look = { readonly atMs: number; unseenBytesLeft: number };

const looks = new Map<string, Look>();

/** Throws ENOSPC, as the kernel would a little later. `path` is any place on the disk, the same one for the same files. */
export function keepFloor(path: string, views: readonly Uint8Array[]): void {
  const bytes = views.reduce((sum, view) => sum + view.length, 0);
  if (bytes < CONTENT_BYTES_MIN) return;
  const nowMs = performance.now();
  const last = looks.get(path);
  if (last !== undefined && last.unseenBytesLeft >= bytes && nowMs - last.atMs < LOOK_EVERY_MS) {
    last.unseenBytesLeft -= bytes;
    return;
  }
  const room = roomAboveFloor(path);
  if (room < bytes) {
    looks.delete(path);
    throw Object.assign(new Error("what is left of the disk is kept for records"), { code: "ENOSPC" });
  }
  if (looks.size >= PLACES_MAX) looks.clear();
  looks.set(path, { atMs: nowMs, unseenBytesLeft: Math.min(UNSEEN_BYTES_MAX, (room - bytes) * UNSEEN_SHARE) });
}

function roomAboveFloor(path: string): number {
  const { bavail, blocks, bsize } = statfsSync(path);
  // Some file systems do not say how large they are.
  if (blocks === 0) return Number.POSITIVE_INFINITY;
  return bavail * bsize - Math.min(FLOOR_BYTES_MAX, blocks * bsize * FLOOR_SHARE);
}
