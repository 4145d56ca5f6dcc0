// What passes between the scanner and its worker thread.

import type { Finding } from "./finding.ts";
import type { ScanLimits } from "./limits.ts";

/** Which file, exactly: another file under the same name has another identity. */
export type FileIdentity = {
  readonly device: string;
  readonly inode: string;
  readonly bytes: number;
  readonly modifiedNs: string;
};

export type WorkerSetup = { readonly rulesText: string; readonly limits: ScanLimits; readonly spoolFolder: string };

export type JobKind = "digest" | "inspect";
export type Job = { readonly id: number; readonly kind: JobKind; readonly path: string; readonly name: string };

export type JobReport =
  | { readonly id: number; readonly kind: "progress" }
  | { readonly id: number; readonly kind: "digested"; readonly sha256: string; readonly identity: FileIdentity }
  | {
      readonly id: number;
      readonly kind: "inspected";
      readonly findings: readonly Finding[];
      /** The worker asks to be replaced before its next file. */
      readonly worn: boolean;
      readonly identity: FileIdentity;
    }
  /** The disk or the file failed: nothing is known about the content. */
  | { readonly id: number; readonly kind: "failed"; readonly why: string };

export function sameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.device === b.device && a.inode === b.inode && a.bytes === b.bytes && a.modifiedNs === b.modifiedNs;
}
