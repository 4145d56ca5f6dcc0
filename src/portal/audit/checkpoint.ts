// Signed statements of where the record stood, in a file beside the database: a cut tail contradicts them.

import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
} from "node:fs";
import type { AuditCheckpoint } from "../../domain/audit.ts";
import type { ChainPosition } from "../../domain/audit-chain.ts";
import { CHECKPOINT_FORM } from "../../wire/api/grant-token.ts";
import { openToken, sealToken } from "../../wire/api/sealed-token.ts";
import type { RootKey } from "../root-key.ts";

/** Far more than a signed checkpoint takes. */
const LINE_BYTES_MAX = 4096;

export function sealCheckpoint(position: ChainPosition, key: RootKey, nowMs: number): Promise<string> {
  const { n, hash } = position;
  return sealToken(CHECKPOINT_FORM, { v: 1, n, hash, iat: Math.floor(nowMs / 1000) }, key.sealing);
}

/** One line; on disk before this returns. What a power cut or a full disk left of a line is taken away first. */
export function writeCheckpoint(path: string, jws: string): void {
  const file = openSync(path, "a+", 0o600);
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, LINE_BYTES_MAX));
    readSync(file, tail, 0, tail.length, size - tail.length);
    ftruncateSync(file, size - tail.length + tail.lastIndexOf("\n") + 1);
    appendFileSync(file, `${jws}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

export type CheckpointFile = {
  readonly checkpoints: readonly AuditCheckpoint[];
  /** Numbers, from 1, of lines that this institution's key did not sign. */
  readonly badLines: readonly number[];
};

/** A missing file has no checkpoints: the caller says whether that is allowed. */
export async function readCheckpoints(path: string, key: RootKey): Promise<CheckpointFile> {
  if (!existsSync(path)) return { checkpoints: [], badLines: [] };
  const checkpoints: AuditCheckpoint[] = [];
  const badLines: number[] = [];
  // The split leaves one empty text after the last line feed; anything in it is a line that was not finished.
  const lines = readFileSync(path, "utf8").split("\n");
  for (const [index, line] of lines.entries()) {
    if (line === "" && index === lines.length - 1) continue;
    const opened = await openToken(CHECKPOINT_FORM, line, key.opening);
    if (opened.ok) checkpoints.push(opened.value);
    else badLines.push(index + 1);
  }
  return { checkpoints, badLines };
}
