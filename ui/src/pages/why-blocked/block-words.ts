// What the gate did to somebody's traffic, in words.

import { Ban, CircleGauge, Gauge } from "lucide-react";
import type { GateBlock } from "../../../../src/wire/api/v1/gate.ts";
import type { Sign } from "../../design/states.ts";

export const BLOCK_SIGNS: Readonly<Record<GateBlock["treatment"], Sign>> = {
  refused: { word: "Refused", icon: Ban, tone: "infected" },
  throttled: { word: "Slowed", icon: Gauge, tone: "suspicious" },
  "over-quota": { word: "Quota used up", icon: CircleGauge, tone: "suspicious" },
};

/** How a sentence about each goes on. */
export const BLOCK_DEEDS: Readonly<Record<GateBlock["treatment"], string>> = {
  refused: "is refused",
  throttled: "is slowed",
  "over-quota": "has used up its quota",
};

export const BLOCK_WHY: Readonly<Record<GateBlock["treatment"], string>> = {
  refused: "No grant covers it, and this part of the network refuses what no grant covers.",
  throttled: "No grant covers it, and this part of the network slows what no grant covers.",
  "over-quota": "What may pass without a grant in one period has passed.",
};

export const BLOCK_NEXT: Readonly<Record<GateBlock["treatment"], string>> = {
  refused: "Close the program, and ask for what you need. An approval opens exactly that content on this device.",
  throttled: "It goes on slowly. If you need it faster, ask: content that was approved is not slowed.",
  "over-quota": "It opens again when the next period begins. If it cannot wait, ask for exactly what you need.",
};

const APPLICATION_WORDS: Readonly<Record<string, string>> = {
  bittorrent: "BitTorrent",
  emule: "eMule",
  soulseek: "Soulseek",
  directconnect: "Direct Connect",
  gnutella: "Gnutella",
};

/** A gate that is newer than this page may name an application that it does not know. */
export function applicationWord(application: string): string {
  return APPLICATION_WORDS[application] ?? application;
}
