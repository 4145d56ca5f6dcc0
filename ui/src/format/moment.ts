// Moments in the reader's own time; the zone is said in full where there is room (a tooltip, an export).

const LOCALE = "en-GB";

function clockText(ms: number): string {
  return new Date(ms).toLocaleTimeString(LOCALE, { hour: "2-digit", minute: "2-digit" });
}

/** For the axis of a graph that spans minutes. */
export function exactClockText(ms: number): string {
  return new Date(ms).toLocaleTimeString(LOCALE);
}

/** "today at 14:05", "yesterday at 09:30", "12 March at 08:00", "12 March 2024 at 08:00". */
export function momentText(ms: number, nowMs: number): string {
  const then = new Date(ms);
  const days = calendarDays(then) - calendarDays(new Date(nowMs));
  const near = { "-1": "yesterday", "0": "today", "1": "tomorrow" }[String(days)];
  const sameYear = then.getFullYear() === new Date(nowMs).getFullYear();
  const date = then.toLocaleDateString(LOCALE, {
    day: "numeric",
    month: "long",
    ...(sameYear ? {} : { year: "numeric" }),
  });
  return `${near ?? date} at ${clockText(ms)}`;
}

export function fullMomentText(ms: number): string {
  return new Date(ms).toLocaleString(LOCALE, { dateStyle: "full", timeStyle: "long" });
}

function calendarDays(date: Date): number {
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
}
