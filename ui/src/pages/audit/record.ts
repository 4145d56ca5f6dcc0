// How an entry of the record reads: the action as words, the data as pairs, the subject as a link where it has a page.

import type { AuditAction } from "../../../../src/domain/audit.ts";

/** "request.vote_cast" reads "request: vote cast". */
export function actionSentence(action: AuditAction): string {
  const [noun = "", verb = ""] = action.split(".");
  return `${noun}: ${verb.replaceAll("_", " ")}`;
}

export function dataPairs(
  data: Readonly<Record<string, unknown>>,
): readonly (readonly [name: string, value: string])[] {
  return Object.entries(data)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => [name, valueText(value)]);
}

function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.join(", ") : JSON.stringify(value);
}

export function subjectHref(subject: string): string | undefined {
  if (/^R-\d+$/.test(subject)) return `/decide/${subject}?show=all`;
  if (/^G-[\w-]+$/.test(subject)) return `/grants/${subject}`;
  return undefined;
}
