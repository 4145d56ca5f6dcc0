// Text of others on a terminal: without what could move the cursor, colour the line or turn its direction.

export function inert(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\u{FFFD}").slice(0, 500);
}
