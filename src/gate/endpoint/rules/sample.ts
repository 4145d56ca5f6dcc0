// A program that somebody found, as rules name it by its contents: the hash of the file, and for a Windows program the
// hash that its signature covers, which AppLocker and WDAC compare.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { printable } from "../../../base/printable.ts";

export type Sample = {
  readonly name: string;
  readonly bytes: number;
  /** Lowercase hexadecimal. */
  readonly sha256: string;
  /** Of a Windows program as Authenticode hashes it; of anything else, the same as `sha256`. */
  readonly authenticode: string;
};

const NAME_CHARACTERS_MAX = 80;

/** Throws what reading throws. */
export function readSample(path: string): Sample {
  return sampleOf(basename(path), readFileSync(path));
}

export function sampleOf(name: string, file: Buffer): Sample {
  return {
    name: printable(name, NAME_CHARACTERS_MAX),
    bytes: file.length,
    sha256: sha256(file),
    authenticode: sha256(...signedParts(file)),
  };
}

function sha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

// Offsets of the PE format, from the start of the optional header behind the signature and the COFF header.
const PE_POINTER_AT = 0x3c;
const OPTIONAL_HEADER_AT = 24;
const CHECKSUM_AT = 64;
const PE32_PLUS = 0x20b;
const DIRECTORIES_AT = { pe32: 96, pe32Plus: 112 };
const SECURITY_DIRECTORY = 4;
const DIRECTORY_BYTES = 8;
const ALIGNMENT_BYTES = 8;

// Windows Authenticode Portable Executable Signature Format: everything but the checksum, the entry that says where the
// signature lies, and the signature itself; an unsigned file is padded as it would be before it is signed.
function signedParts(file: Buffer): Uint8Array[] {
  const header =
    file.length > PE_POINTER_AT + 4 && file.toString("latin1", 0, 2) === "MZ" ? file.readUInt32LE(PE_POINTER_AT) : -1;
  if (header < 0 || header + 256 > file.length || file.toString("latin1", header, header + 4) !== "PE\0\0")
    return [file];
  const optional = header + OPTIONAL_HEADER_AT;
  const directories =
    optional + (file.readUInt16LE(optional) === PE32_PLUS ? DIRECTORIES_AT.pe32Plus : DIRECTORIES_AT.pe32);
  const security = directories + SECURITY_DIRECTORY * DIRECTORY_BYTES;
  const signatureAt = file.readUInt32LE(security);
  const end = signatureAt > security && signatureAt <= file.length ? signatureAt : file.length;
  return [
    file.subarray(0, optional + CHECKSUM_AT),
    file.subarray(optional + CHECKSUM_AT + 4, security),
    file.subarray(security + DIRECTORY_BYTES, end),
    new Uint8Array(signatureAt === 0 ? -end & (ALIGNMENT_BYTES - 1) : 0),
  ];
}
