// Durations as people write them: 90m, 12h, 7d, 4w.

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** Whole seconds; undefined for anything that is no duration. */
export function durationSeconds(text: string): number | undefined {
  const parts = /^(\d{1,6})([smhdw])$/.exec(text.trim());
  const unit = UNIT_SECONDS[parts?.[2] ?? ""];
  return parts === null || unit === undefined ? undefined : Number(parts[1]) * unit;
}
