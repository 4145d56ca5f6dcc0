// The page's clock and timers: the only place that touches the ambient ones.

import { useEffect, useState } from "react";

export function nowMs(): number {
  return Date.now();
}

/** Calls back once after `delayMs`; the returned function cancels. */
export function later(delayMs: number, call: () => void): () => void {
  const timer = setTimeout(call, delayMs);
  return () => clearTimeout(timer);
}

function every(periodMs: number, call: () => void): () => void {
  const timer = setInterval(call, periodMs);
  return () => clearInterval(timer);
}

/** The present moment, renewed every `periodMs`, for texts such as "4 minutes ago". */
export function useNow(periodMs = 30_000): number {
  const [now, setNow] = useState(nowMs);
  useEffect(() => every(periodMs, () => setNow(nowMs())), [periodMs]);
  return now;
}
