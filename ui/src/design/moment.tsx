// A moment in the reader's time, with the zone in full on hover.

import type { ReactNode } from "react";
import { awayText } from "../format/duration.ts";
import { fullMomentText, momentText } from "../format/moment.ts";
import { useNow } from "../world/clock.ts";

export function Moment({ ms, away = false }: { readonly ms: number; readonly away?: boolean }): ReactNode {
  const now = useNow();
  const full = fullMomentText(ms);
  return (
    <time dateTime={new Date(ms).toISOString()} title={full} data-full={full}>
      <span>{away ? awayText(ms, now) : momentText(ms, now)}</span>
    </time>
  );
}
