// Names inside archives that would leave the folder they are unpacked into, or that deceive the eye (H123, H127).

import type { Finding } from "./finding.ts";

type NameFinding = Omit<Finding, "within">;

// Direction overrides and isolates, zero-width characters, the byte-order mark.
const DECEIVING = /[\u202A-\u202E\u2066-\u2069\u200B-\u200F\u2060\uFEFF\u061C]/u;
const CONTROL = /\p{Cc}/u;

const INNOCENT =
  /\.(pdf|docx?|xlsx?|pptx?|odt|ods|odp|rtf|txt|csv|jpe?g|png|gif|bmp|webp|svg|mp3|mp4|mkv|avi|mov|wav|flac|html?|zip)$/iu;
const RUNS = /\.(exe|scr|com|pif|bat|cmd|vbs|vbe|js|jse|wsf|wsh|hta|msi|msp|cpl|jar|ps1|lnk|reg|scf|url|apk|dll)$/iu;

/** True when the path is absolute, has a drive, or climbs with `..`. */
export function leavesFolder(path: string): boolean {
  const plain = path.replaceAll("\\", "/");
  return plain.startsWith("/") || /^[A-Za-z]:/.test(plain) || plain.split("/").includes("..");
}

/** True when a link at `linkPath` pointing to `target` leads out of the archive's root. */
export function linkLeavesFolder(linkPath: string, target: string): boolean {
  if (target.startsWith("/") || /^[A-Za-z]:/.test(target) || target.startsWith("\\")) return true;
  const depth: string[] = linkPath.split("/").slice(0, -1).filter(isStep);
  for (const step of target.replaceAll("\\", "/").split("/").filter(isStep)) {
    if (step !== "..") depth.push(step);
    else if (depth.pop() === undefined) return true;
  }
  return false;
}

function isStep(part: string): boolean {
  return part !== "" && part !== ".";
}

/** What is wrong with a file's name by itself. */
export function nameFindings(name: string): NameFinding[] {
  const found: NameFinding[] = [];
  const base = name.split(/[/\\]/u).at(-1) ?? name;
  if (DECEIVING.test(name)) {
    found.push({
      outcome: "suspicious",
      reason: "name.direction_trick",
      why: "Its name has invisible characters that make it read as something else.",
    });
  }
  if (CONTROL.test(name)) {
    found.push({ outcome: "suspicious", reason: "name.control_character", why: "Its name has control characters." });
  }
  const trimmed = base.replace(/[\s.]+$/u, "");
  const runs = RUNS.exec(trimmed);
  if (runs && INNOCENT.test(trimmed.slice(0, runs.index).trimEnd())) {
    found.push({
      outcome: "suspicious",
      reason: "name.double_extension",
      why: `Its name pretends to be a document, but ends in ${runs[0]}, which runs as a program.`,
    });
  }
  return found;
}
