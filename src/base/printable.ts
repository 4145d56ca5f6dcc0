// Text from outside on its way to a terminal, a log or a sentence.

/** No control, direction or invisible characters; at most `charactersMax` long. */
export function printable(text: string, charactersMax = 300): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "\u{FFFD}").slice(0, charactersMax);
}
