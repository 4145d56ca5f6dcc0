// Where bytes lie until a verdict: a folder for its owner alone, names that say nothing, no bit that lets a file run.

import { chmodSync, lstatSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Entropy } from "../../world/entropy.ts";
import { makePrivateFolder } from "../../world/real/folders.ts";

export const QUARANTINE_MODE_BITS = 0o600;

export class Quarantine {
  readonly folder: string;
  readonly #entropy: Entropy;

  /** Throws what the disk throws. */
  constructor(folder: string, entropy: Entropy) {
    this.folder = folder;
    this.#entropy = entropy;
    ownFolder(folder);
    // Unpacked content goes here while it is scanned; whatever a killed scan left is nobody's.
    rmSync(this.spoolFolder, { recursive: true, force: true });
    ownFolder(this.spoolFolder);
  }

  get spoolFolder(): string {
    return join(this.folder, "spool");
  }

  /** The folder of one transfer, made when it is missing. The id is one of ours: letters, digits, dashes. */
  transferFolder(transferId: string): string {
    const folder = join(this.folder, transferId.replaceAll(/[^A-Za-z0-9_-]/gu, "_"));
    ownFolder(folder);
    return folder;
  }

  /** A name that tells nobody what is inside, and that no program knows how to open (H133). */
  opaqueName(): string {
    return `${Buffer.from(this.#entropy.bytes(16)).toString("hex")}.held`;
  }

  entryId(): string {
    return `Q-${Buffer.from(this.#entropy.bytes(6)).toString("hex")}`;
  }

  pathOf(file: { readonly transferId: string; readonly opaque: string }): string {
    return join(this.transferFolder(file.transferId), file.opaque);
  }

  destroy(file: { readonly transferId: string; readonly opaque: string }): void {
    rmSync(this.pathOf(file), { force: true });
  }

  destroyTransfer(transferId: string): void {
    rmSync(this.transferFolder(transferId), { recursive: true, force: true });
  }
}

/** Makes a folder that only its owner can enter, or takes the rights of others off an existing one. */
function ownFolder(folder: string): void {
  makePrivateFolder(folder);
  if (!lstatSync(folder).isDirectory()) throw new Error(`${folder} is not a folder`);
  chmodSync(folder, 0o700);
}
