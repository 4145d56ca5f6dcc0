// Small torrents for tests, correct until a test changes a field.

import { equal, ok as truthy } from "node:assert/strict";
import { leavesOf, levelsAbove, rootOf } from "../../domain/metainfo/merkle.ts";
import type { Metainfo } from "../../domain/metainfo/metainfo.ts";
import { hashPieceV2, pieceLevels } from "../../domain/metainfo/piece-hash.ts";
import { type BencodeInput, encode } from "../bencode/encode.ts";
import { parseTorrent } from "./parse.ts";

export type Entries = { readonly [key: string]: BencodeInput | undefined };

export const PIECE = 16 * 1024;

function content(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, n) => (n * 7 + (n >> 8)) & 0xff);
}

export function rootFor(data: Uint8Array): Uint8Array {
  const leaves = leavesOf(data);
  return rootOf({ hashes: leaves, level: 0, levels: levelsAbove(leaves.length / 32) });
}

export function layerFor(data: Uint8Array): Uint8Array {
  const roots: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += PIECE)
    roots.push(hashPieceV2(data.subarray(at, at + PIECE), pieceLevels(PIECE)));
  return Buffer.concat(roots);
}

export const SMALL = content(100);
export const LARGE = content(3 * PIECE + 9);

export function infoV1(changes: Entries = {}): Entries {
  return {
    files: [
      { length: 20_000, path: ["a", "b.txt"] },
      { length: 30, path: ["c"] },
    ],
    name: "folder",
    "piece length": PIECE,
    pieces: new Uint8Array(40).fill(1),
    ...changes,
  };
}

export function leaf(data: Uint8Array, changes: Entries = {}): BencodeInput {
  return { "": { length: data.length, "pieces root": rootFor(data), ...changes } };
}

export function infoV2(changes: Entries = {}): Entries {
  return {
    "file tree": { large: leaf(LARGE), small: leaf(SMALL) },
    "meta version": 2,
    name: "folder",
    "piece length": PIECE,
    ...changes,
  };
}

export const LAYERS = new Map([[Buffer.from(rootFor(LARGE)).toString("latin1"), layerFor(LARGE)]]);

export function infoHybrid(changes: Entries = {}): Entries {
  return infoV2({
    files: [
      { length: LARGE.length, path: ["large"] },
      { attr: "p", length: PIECE - 9, path: [".pad", `${PIECE - 9}`] },
      { length: SMALL.length, path: ["small"] },
    ],
    pieces: new Uint8Array(5 * 20),
    ...changes,
  });
}

export function torrent(info: Entries, around: Entries = {}): Uint8Array {
  return encode({ info, ...around });
}

export function accepted(bytes: Uint8Array): Metainfo {
  const parsed = parseTorrent(bytes);
  truthy(parsed.ok, parsed.ok ? "" : JSON.stringify(parsed.error));
  return parsed.value;
}

export function codeOf(bytes: Uint8Array): string {
  const parsed = parseTorrent(bytes);
  return parsed.ok ? "accepted" : parsed.error.code.replace("metainfo.", "");
}

export function refuses(code: string, ...infos: Entries[]): void {
  for (const info of infos) equal(codeOf(torrent(info)), code, JSON.stringify(Object.keys(info)));
}

export function oneFile(entry: Entries): Entries {
  return infoV1({ files: [{ length: 20_000, path: ["a"], ...entry }], pieces: new Uint8Array(40) });
}
