// Sizes as people read them: decimal units, three significant figures at most.

const UNITS = ["bytes", "kB", "MB", "GB", "TB", "PB"] as const;
const STEP = 1000;
// A figure and its unit stay on one line.
const NO_BREAK = "\u00a0";

export function sizeText(bytes: number): string {
  if (bytes === 1) return `1${NO_BREAK}byte`;
  let value = bytes;
  let unit = 0;
  // 999.5 would read "1,000 kB": the next unit says it better.
  while (value >= STEP - 0.5 && unit < UNITS.length - 1) {
    value /= STEP;
    unit += 1;
  }
  const decimals = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${trimmed(value, decimals)}${NO_BREAK}${UNITS[unit] ?? "bytes"}`;
}

export function rateText(bytesPerSecond: number): string {
  return bytesPerSecond < 1 ? `0${NO_BREAK}kB/s` : `${sizeText(Math.max(bytesPerSecond, 1000))}/s`;
}

export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;
}

export function shareText(done: number, total: number): string {
  if (total <= 0) return "0%";
  // Never "100%" before the last byte is there.
  return `${done >= total ? 100 : Math.min(99, Math.floor((done / total) * 100))}%`;
}

function trimmed(value: number, decimals: number): string {
  return value.toLocaleString("en-GB", { maximumFractionDigits: decimals });
}
