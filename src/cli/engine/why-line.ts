// Why a transfer of the bare engine is slow or stuck, in the words of its command line.

import { sentenceOf } from "../../domain/errors/table.ts";
import type { TorrentStatus } from "../../engine/contract.ts";
import { sayWhy } from "../../engine/why.ts";
import { sayBytes } from "../byte-count.ts";

export type Why = { readonly code: string; readonly message: string };

/** Undefined while nothing holds it up. */
export function whyOf({ state }: TorrentStatus): Why | undefined {
  if (state.at === "stopped") return { code: state.why.code, message: sentenceOf(state.why) };
  if ((state.at !== "metadata" && state.at !== "downloading") || state.slow === undefined) return undefined;
  const { slow } = state;
  if (slow.why === "rate-limited") {
    return { code: slow.why, message: `limited by --limit-down to ${sayBytes(slow.bytesPerSecond)}/s` };
  }
  return { code: slow.why, message: sayWhy(slow) };
}
