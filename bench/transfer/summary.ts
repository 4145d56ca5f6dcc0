// From single transfers to the figures that are held against the goals: medians, and ratios within one run.

import type { Measured } from "./round.ts";

export type Row = {
  readonly contestant: string;
  readonly megabytesPerSecond: number;
  readonly cpuSecondsPerGiB: number;
  readonly cpuSecondsPerGiBSeeder: number;
  readonly cpuSecondsPerGiBLeecher: number;
  readonly peakRssMegabytesLeecher: number;
};

export type Goal = { readonly what: string; readonly measured: number; readonly goal: string; readonly met: boolean };
export type Summary = { readonly format: string; readonly rows: readonly Row[]; readonly goals: readonly Goal[] };

const GIB = 2 ** 30;

export function summarize(format: string, measured: readonly Measured[], totalBytes: number): Summary {
  const names = [...new Set(measured.map((one) => one.contestant))];
  const perGiB = (value: number) => (value * GIB) / totalBytes;
  const rows = names.map((contestant) => {
    const own = measured.filter((one) => one.contestant === contestant);
    const seeder = perGiB(median(own.map((one) => one.cpuSecondsSeeder)));
    const leecher = perGiB(median(own.map((one) => one.cpuSecondsLeecher)));
    return {
      contestant,
      megabytesPerSecond: rounded(median(own.map((one) => one.megabytesPerSecond)), 0),
      cpuSecondsPerGiB: rounded(seeder + leecher, 2),
      cpuSecondsPerGiBSeeder: rounded(seeder, 2),
      cpuSecondsPerGiBLeecher: rounded(leecher, 2),
      peakRssMegabytesLeecher: rounded(Math.max(...own.map((one) => one.peakRssBytesLeecher)) / 1e6, 0),
    };
  });
  return { format, rows, goals: goalsOf(rows) };
}

function goalsOf(rows: readonly Row[]): Goal[] {
  const find = (name: string) => rows.find((row) => row.contestant.startsWith(name));
  const [ours, theirs, bare] = [find("swarmgate"), find("libtorrent"), find("bare")];
  if (ours === undefined || theirs === undefined || bare === undefined) return [];
  const speed = rounded(ours.megabytesPerSecond / theirs.megabytesPerSecond, 2);
  const cpu = rounded(ours.cpuSecondsPerGiB / theirs.cpuSecondsPerGiB, 2);
  const ofBare = rounded(ours.megabytesPerSecond / bare.megabytesPerSecond, 2);
  const rss = ours.peakRssMegabytesLeecher;
  return [
    { what: "throughput, of libtorrent's", measured: speed, goal: "≥ 2.2", met: speed >= 2.2 },
    { what: "CPU s per GiB, of libtorrent's", measured: cpu, goal: "≤ 0.65", met: cpu <= 0.65 },
    { what: "throughput, of the bare Node loop's", measured: ofBare, goal: "≥ 0.85", met: ofBare >= 0.85 },
    { what: "leecher's peak RSS, MB", measured: rss, goal: "≤ 268 (256 MiB)", met: rss <= 268 },
  ];
}

export function tableOf(
  summaries: readonly Summary[],
  run: { readonly totalBytes: number; readonly rounds: number },
  machine: Readonly<Record<string, string | number>>,
): string {
  const about = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  const lines = [
    "# Transfer: one seeder, one leecher, TCP over a veth pair",
    "",
    `${run.totalBytes / GIB} GiB in tmpfs, 1 MiB pieces, everything verified, medians of ${run.rounds} interleaved rounds.`,
    `Machine: ${about.join(", ")}. Written by \`node bench/transfer/run.ts --write\`.`,
    "",
  ];
  for (const { format, rows, goals } of summaries) {
    lines.push(
      `## ${format}`,
      "",
      "| who | MB/s | CPU s per GiB (seeder + leecher) | leecher's peak RSS, MB |",
      "|---|---|---|---|",
    );
    for (const row of rows) {
      const cpu = `${row.cpuSecondsPerGiB} (${row.cpuSecondsPerGiBSeeder} + ${row.cpuSecondsPerGiBLeecher})`;
      lines.push(`| ${row.contestant} | ${row.megabytesPerSecond} | ${cpu} | ${row.peakRssMegabytesLeecher} |`);
    }
    lines.push("", "| ratio | measured | goal | |", "|---|---|---|---|");
    for (const { what, measured, goal, met } of goals) {
      lines.push(`| ${what} | ${measured} | ${goal} | ${met ? "met" : "not met"} |`);
    }
    lines.push("");
  }
  return lines.join("\n");
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
