// Hands a text to the reader as a file.

import { later } from "./clock.ts";

const REVOKE_DELAY_MS = 10_000;

export function saveText(fileName: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  later(REVOKE_DELAY_MS, () => URL.revokeObjectURL(url));
}
