// Text from outside (names, comments, reasons, tracker errors) as it may be shown: nothing in it steers the reader's eye.

// Control characters, and the direction marks that make "exe.jpg" of "gpj.exe" (Unicode TR 36). Joiners stay: scripts need them.
const STEERING = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\u{feff}]/gu;

export function inertText(text: string): string {
  return text.replaceAll(STEERING, "\ufffd");
}
