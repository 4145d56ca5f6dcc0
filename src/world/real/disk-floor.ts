// The last room on a disk is not filled with content: a system whose disk is full to the last byte can record nothing,
// not even that a transfer has stopped.

import { statfsSync } from "node:fs";

const FLOOR_BYTES_MAX = 64 * 1024 * 1024;
/** Of a small disk, such as one in memory: a sixteenth. */
const FLOOR_SHARE = 1 / 16;
/** Records of what was verified are shorter, and always written. */
const CONTENT_BYTES_MIN = 4096;

/** Throws ENOSPC, as the kernel would a little later. `path` is any place on the disk. */
export function keepFloor(path: string, views: readonly Uint8Array[]): void {
  const bytes = views.reduce((sum, view) => sum + view.length, 0);
  if (bytes < CONTENT_BYTES_MIN) return;
  const { bavail, blocks, bsize } = statfsSync(path);
  // Some file systems do not say how large they are.
  if (blocks === 0) return;
  const floorBytes = Math.min(FLOOR_BYTES_MAX, blocks * bsize * FLOOR_SHARE);
  if (bavail * bsize - bytes >= floorBytes) return;
  throw Object.assign(new Error("what is left of the disk is kept for records"), { code: "ENOSPC" });
}
