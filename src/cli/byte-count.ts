// Counts of bytes as people write and read them.

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** `1536` → `1.5 KiB`. */
export function sayBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${UNITS[unit]}`;
}

/** `65536`, `64K`, `64KiB`, `1M`, … in powers of 1024; undefined for anything else. */
export function parseBytes(text: string): number | undefined {
  const [, digits, letter] = /^(\d{1,15})\s*(?:([kmgt])(?:i?b)?|b)?$/i.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  const power = letter === undefined ? 0 : "kmgt".indexOf(letter.toLowerCase()) + 1;
  const bytes = Number(digits) * 1024 ** power;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
