// Which containers the built-in scanner opens, and which it knows it does not.

import type { Source } from "../source.ts";
import { AR } from "./ar.ts";
import { BZIP2 } from "./bzip2.ts";
import type { Container } from "./container.ts";
import { GZIP, startsWith, ZSTD } from "./gzip.ts";
import { MAIL } from "./mail.ts";
import { TAR } from "./tar.ts";
import { XZ } from "./xz.ts";
import { ZIP, ZIP_BEHIND } from "./zip.ts";

/** In the order in which they are asked: first what begins like itself. */
export const CONTAINERS: readonly Container[] = [ZIP, GZIP, XZ, BZIP2, ZSTD, AR, TAR, MAIL, ZIP_BEHIND];

type Magic = { readonly name: string; readonly at?: number; readonly bytes: readonly number[] };

// Formats whose content is packed or encrypted, so that scanning their raw bytes would say nothing.
const UNOPENED: readonly Magic[] = [
  { name: "7-Zip", bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c] },
  { name: "RAR", bytes: [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07] },
  { name: "compress", bytes: [0x1f, 0x9d] },
  { name: "lzip", bytes: [0x4c, 0x5a, 0x49, 0x50] },
  { name: "LZMA", bytes: [0x5d, 0x00, 0x00] },
  { name: "LZ4", bytes: [0x04, 0x22, 0x4d, 0x18] },
  { name: "Windows cabinet", bytes: [0x4d, 0x53, 0x43, 0x46] },
  { name: "RPM package", bytes: [0xed, 0xab, 0xee, 0xdb] },
  { name: "ARJ", bytes: [0x60, 0xea] },
  { name: "LHA", at: 2, bytes: [0x2d, 0x6c, 0x68] },
  { name: "ACE", at: 7, bytes: [0x2a, 0x2a, 0x41, 0x43, 0x45, 0x2a, 0x2a] },
  { name: "SquashFS image", bytes: [0x68, 0x73, 0x71, 0x73] },
  { name: "Windows image", bytes: [0x4d, 0x53, 0x57, 0x49, 0x4d, 0x00] },
  { name: "XAR", bytes: [0x78, 0x61, 0x72, 0x21] },
  { name: "LUKS volume", bytes: [0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe] },
  { name: "age file", bytes: [...Buffer.from("age-encryption.org/")] },
  { name: "ZPAQ", bytes: [0x37, 0x6b, 0x53, 0x74, 0xa0, 0x31] },
];

/** The name of a format that is known and not opened. */
export function unopenedFormat(source: Source): string | undefined {
  return UNOPENED.find((magic) => startsWith(source, magic.bytes, magic.at))?.name;
}
