// Why a transfer of the bare engine is slow or stuck, and what a person can do about it, in the words of its command line.

import { nextOf, sentenceOf } from "../../domain/errors/table.ts";
import type { TorrentStatus } from "../../engine/contract.ts";
import { type SlowReason, sayWhy } from "../../engine/why.ts";
import { sayBytes } from "../byte-count.ts";

export type Why = {
  readonly code: string;
  readonly message: string;
  /** Undefined where waiting a moment is all, or the message says it. */
  readonly next: string | undefined;
};

const ADVICE: Readonly<Record<SlowReason["why"], string | undefined>> = {
  "no-peers-known": "It goes on looking by itself. If you know a peer, name it with --peer.",
  connecting: undefined,
  "none-reachable": "They are called again by themselves. See that they run, and that no firewall is in the way.",
  "admission-refuses": "To let them in, change the lists of --allow-list and --block-list.",
  "all-banned": "Look for the content at another source, or ask its publisher who has it.",
  "no-metadata": "If it lasts, get the torrent file itself: it needs no peer to describe the content.",
  "no-hashes": "If it lasts, get the torrent file itself: it has the hashes in it.",
  "rate-limited": undefined,
  "disk-slow": "Stop what else uses the disk, or choose another one with --out.",
  "pieces-missing": "It goes on when somebody comes who has them. If you know a peer, name it with --peer.",
  "choked-by-all":
    "They serve in turns. Peers that can call you and get something from you serve you sooner: --listen.",
  "choked-by-most": undefined,
  "just-asked": undefined,
  "peers-silent": "They are asked again by themselves, and other peers are looked for.",
};

/** What kept the last peer from being reached, where that says more. */
const ADVICE_UNREACHED: Readonly<Record<string, string>> = {
  refused: "Nothing takes calls there: check the address and the port, and that the peer runs.",
  ended: "It hung up at once: it may not have this torrent, be full, or want another --encryption.",
  "timed-out": "Nothing answers there: check the address, and that no firewall is in the way.",
  "proxy-login-wrong": "The proxy refuses the name or password: check them in --proxy.",
  "proxy-wants-other-login": "The proxy wants a name and password: --proxy socks5://NAME:PASSWORD@HOST:PORT.",
  "proxy-not-allowed": "The proxy does not let you call there: ask whoever runs it.",
  "proxy-not-socks5": "What answers there is no SOCKS 5 proxy: check the address and port in --proxy.",
  "proxy-unreachable": "The proxy cannot be reached: check the address in --proxy, and that it runs.",
  "no-route": "No network leads there: check the address and this computer's connection.",
};

const NOBODY_IS_ASKED = "No tracker, hash table or local network is asked for peers: name one with --peer.";

/** Undefined while nothing holds it up. */
export function whyOf({ state, discovery }: TorrentStatus): Why | undefined {
  if (state.at === "stopped") return { code: state.why.code, message: sentenceOf(state.why), next: nextOf(state.why) };
  if ((state.at !== "metadata" && state.at !== "downloading") || state.slow === undefined) return undefined;
  const { slow } = state;
  return { code: slow.why, message: messageOf(slow), next: adviceOn(slow, discovery.length > 0) };
}

function messageOf(slow: SlowReason): string {
  if (slow.why === "rate-limited") return `limited by --limit-down to ${sayBytes(slow.bytesPerSecond)}/s`;
  if (slow.why !== "admission-refuses") return sayWhy(slow);
  return `${slow.peers} ${slow.peers === 1 ? "peer is" : "peers are"} known, but --allow-list and --block-list let none in`;
}

function adviceOn(slow: SlowReason, isLooking: boolean): string | undefined {
  if (slow.why === "no-peers-known" && !isLooking) return NOBODY_IS_ASKED;
  const closer = slow.why === "none-reachable" ? ADVICE_UNREACHED[slow.lastFailure] : undefined;
  return closer ?? ADVICE[slow.why];
}
