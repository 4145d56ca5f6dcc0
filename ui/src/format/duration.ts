// Durations in words: "4 minutes", "7 days", "2 hours and 5 minutes".

const SECONDS: readonly (readonly [unit: string, seconds: number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** The two largest units; the second one only where the first is small enough for it to matter. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole === 0) return "less than a second";
  const first = SECONDS.findIndex(([, size]) => whole >= size);
  const [unit = "second", size = 1] = SECONDS[first] ?? [];
  const count = Math.floor(whole / size);
  const [nextUnit, nextSize] = SECONDS[first + 1] ?? [];
  if (nextUnit === undefined || nextSize === undefined || count >= 10) return plural(count, unit);
  const rest = Math.floor((whole - count * size) / nextSize);
  return rest === 0 ? plural(count, unit) : `${plural(count, unit)} and ${plural(rest, nextUnit)}`;
}

/** Where a moment lies from now: "in 3 days", "5 minutes ago", "now". */
export function awayText(ms: number, nowMs: number): string {
  const seconds = Math.round((ms - nowMs) / 1000);
  if (Math.abs(seconds) < 5) return "now";
  const [unit = "second", size = 1] = SECONDS.find(([, unitSeconds]) => Math.abs(seconds) >= unitSeconds) ?? [];
  const text = plural(Math.floor(Math.abs(seconds) / size), unit);
  return seconds > 0 ? `in ${text}` : `${text} ago`;
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
