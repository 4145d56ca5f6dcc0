// Writes docs/errors.md from the error table, so that the page can never tell another story than the program.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrorEntry } from "../src/domain/errors/entry.ts";
import { ERROR_TABLE } from "../src/domain/errors/table.ts";
import { repositoryRoot } from "./repository.ts";

const PLANES: Readonly<Record<string, string>> = {
  cli: "The command line",
  metainfo: "Torrent files, magnets and paths",
  engine: "The engine",
  node: "The node",
  portal: "The portal",
  gate: "The gate",
};

const RETRY: Readonly<Record<ErrorEntry["retry"], string>> = {
  never: "never works",
  later: "may work later",
  "after-change": "works once something was changed",
};

const HEAD = `# Errors

Every failure has a stable code, \`plane.noun_condition\`. Scripts may rely on the code, the exit code and the HTTP status;
the sentences may get better. Words in braces are filled in when the failure happens.
This page is written by \`npm run docs:errors\` from \`src/domain/errors\`; a test compares both.

Exit codes: 1 failed, 2 wrong usage, 3 denied, 4 not found, 5 unsafe content.
`;

/** The page as it must be. */
export function errorsPage(): string {
  const rows: readonly (readonly [string, ErrorEntry])[] = Object.entries(ERROR_TABLE);
  const sections = Object.entries(PLANES).map(([plane, title]) => {
    const own = rows.filter(([code]) => code.startsWith(`${plane}.`)).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return own.length === 0 ? "" : `\n## ${title}\n${own.map(([code, entry]) => entryText(code, entry)).join("")}`;
  });
  return HEAD + sections.join("");
}

function entryText(code: string, entry: ErrorEntry): string {
  const facts = `fault: ${entry.fault} · the same call again: ${RETRY[entry.retry]} · exit ${entry.exit} · HTTP ${entry.status}`;
  return `\n### \`${code}\`\n${entry.says}\n${entry.next}\n\n${facts}\n`;
}

if (import.meta.main) writeFileSync(join(repositoryRoot, "docs", "errors.md"), errorsPage());
