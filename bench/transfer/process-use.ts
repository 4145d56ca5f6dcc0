// What a running process has used so far, as the kernel counts it: the same measure for every contestant.

import { readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

export type ProcessUse = { readonly cpuSeconds: number; readonly peakRssBytes: number };

export function processUse(pid: number): ProcessUse {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    peakRssBytes: Number(peak ?? 0) * 1024,
  };
}
