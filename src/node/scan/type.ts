// What a file really is, by its bytes; and whether its name says something else (H125).

import { fileTypeFromBuffer } from "file-type";
import type { Finding } from "./finding.ts";
import type { Source } from "./source.ts";

export type Family =
  | "program"
  | "script"
  | "shortcut"
  | "archive"
  | "document"
  | "image"
  | "audio"
  | "video"
  | "unknown";

export type ContentType = { readonly family: Family; readonly extension: string | undefined };

const HEAD_BYTES = 4100;
const PROGRAMS = new Set([
  "exe",
  "elf",
  "macho",
  "dll",
  "msi",
  "cpl",
  "class",
  "dex",
  "apk",
  "jar",
  "xpi",
  "crx",
  "wasm",
]);
const ARCHIVES = new Set(["zip", "gz", "tar", "7z", "rar", "xz", "bz2", "zst", "cab", "ar", "deb", "rpm", "lz", "lz4"]);
const DOCUMENTS = new Set(["pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "rtf", "epub", "cfb", "ps"]);

const CLAIMS: Record<string, Family> = {
  ...claim("image", "jpg jpeg png gif bmp webp tif tiff ico heic avif"),
  ...claim("audio", "mp3 flac wav ogg opus m4a aac wma"),
  ...claim("video", "mp4 mkv avi mov webm mpg mpeg wmv m4v"),
  ...claim("document", "pdf doc docx xls xlsx ppt pptx odt ods odp rtf txt csv md html htm epub srt nfo"),
};

// Documents that really are something packed, or may be.
const PACKED_DOCUMENTS = /\.(docx|xlsx|pptx|odt|ods|odp|epub|doc|xls|ppt)$/iu;

function claim(family: Family, extensions: string): Record<string, Family> {
  return Object.fromEntries(extensions.split(" ").map((extension) => [extension, family]));
}

export async function contentType(source: Source): Promise<ContentType> {
  const head = source.read({ beginBytes: 0, lengthBytes: HEAD_BYTES });
  if (Buffer.from(head.subarray(0, 8)).equals(Buffer.from([0x4c, 0, 0, 0, 1, 0x14, 2, 0]))) {
    return { family: "shortcut", extension: "lnk" };
  }
  if (head[0] === 0x23 && head[1] === 0x21) return { family: "script", extension: "sh" };
  const found = await fileTypeFromBuffer(head);
  if (!found) return { family: "unknown", extension: undefined };
  return { family: familyOf(found.ext, found.mime), extension: found.ext };
}

function familyOf(extension: string, mime: string): Family {
  if (PROGRAMS.has(extension)) return "program";
  if (extension === "lnk") return "shortcut";
  if (ARCHIVES.has(extension)) return "archive";
  if (DOCUMENTS.has(extension)) return "document";
  const kind = mime.split("/")[0];
  return kind === "image" || kind === "audio" || kind === "video" ? kind : "unknown";
}

/** What the name promises against what the bytes are. */
export function masqueradeFinding(name: string, type: ContentType): Omit<Finding, "within"> | undefined {
  const extension = /\.([A-Za-z0-9]{1,8})$/u.exec(name)?.[1]?.toLowerCase();
  const claimed = extension === undefined ? undefined : CLAIMS[extension];
  if (claimed === undefined || extension === undefined) return undefined;
  const plainText = claimed === "document" && /^(txt|csv|md|html|htm|srt|nfo)$/.test(extension);
  if (type.family === "program" || type.family === "shortcut" || (type.family === "script" && !plainText)) {
    return deceit("type.program_masquerade", extension, "it is a program");
  }
  if (type.family === "archive" && !plainText && !PACKED_DOCUMENTS.test(name)) {
    return deceit("type.archive_masquerade", extension, "it is an archive");
  }
  return undefined;
}

function deceit(reason: string, extension: string, truth: string): Omit<Finding, "within"> {
  return { outcome: "suspicious", reason, why: `Its name ends in .${extension}, but ${truth}.` };
}
