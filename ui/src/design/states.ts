// The word, icon and tone of every state that a person can meet. A tone is one of the verdict colours or none.

import {
  BadgeCheck,
  Ban,
  CircleSlash,
  Clock,
  Download,
  Hourglass,
  type LucideIcon,
  Microscope,
  PackageCheck,
  PackageOpen,
  Pause,
  ShieldAlert,
  ShieldCheck,
  ShieldQuestion,
  ShieldX,
  Trash2,
  Undo2,
} from "lucide-react";
import type { GrantState } from "../../../src/domain/grant.ts";
import type { RequestState } from "../../../src/domain/request.ts";
import type { TransferState } from "../../../src/domain/transfer.ts";
import type { QuarantineEntry, Verdict } from "../../../src/wire/api/v1/verdict.ts";

export type Tone = "clean" | "suspicious" | "infected" | "unscanned" | "accent" | "plain";
export type Sign = { readonly word: string; readonly icon: LucideIcon; readonly tone: Tone };

export const REQUEST_SIGNS: Readonly<Record<RequestState, Sign>> = {
  pending: { word: "Waiting for a decision", icon: Hourglass, tone: "accent" },
  approved: { word: "Approved", icon: BadgeCheck, tone: "clean" },
  denied: { word: "Denied", icon: Ban, tone: "infected" },
  withdrawn: { word: "Withdrawn", icon: Undo2, tone: "plain" },
  lapsed: { word: "Lapsed", icon: Clock, tone: "plain" },
};

export const GRANT_SIGNS: Readonly<Record<GrantState, Sign>> = {
  active: { word: "Active", icon: BadgeCheck, tone: "clean" },
  expired: { word: "Expired", icon: Clock, tone: "plain" },
  revoked: { word: "Revoked", icon: Ban, tone: "infected" },
  returned: { word: "Returned", icon: Undo2, tone: "plain" },
};

export const TRANSFER_SIGNS: Readonly<Record<TransferState, Sign>> = {
  waiting: { word: "Waiting", icon: Hourglass, tone: "plain" },
  fetching: { word: "Fetching", icon: Download, tone: "accent" },
  paused: { word: "Paused", icon: Pause, tone: "plain" },
  held: { word: "Held", icon: PackageOpen, tone: "unscanned" },
  scanning: { word: "Scanning", icon: Microscope, tone: "unscanned" },
  released: { word: "Released", icon: PackageCheck, tone: "clean" },
  infected: { word: "Infected", icon: ShieldX, tone: "infected" },
  failed: { word: "Failed", icon: CircleSlash, tone: "infected" },
  stopped: { word: "Stopped", icon: CircleSlash, tone: "plain" },
};

export const VERDICT_SIGNS: Readonly<Record<Verdict["verdict"], Sign>> = {
  clean: { word: "Clean", icon: ShieldCheck, tone: "clean" },
  suspicious: { word: "Suspicious", icon: ShieldAlert, tone: "suspicious" },
  infected: { word: "Infected", icon: ShieldX, tone: "infected" },
  unscanned: { word: "Unscanned", icon: ShieldQuestion, tone: "unscanned" },
};

export const HELD_SIGNS: Readonly<Record<QuarantineEntry["state"], Sign>> = {
  fetching: { word: "Arriving", icon: Download, tone: "accent" },
  held: { word: "Held", icon: PackageOpen, tone: "unscanned" },
  scanning: { word: "Scanning", icon: Microscope, tone: "unscanned" },
  released: { word: "Released", icon: PackageCheck, tone: "clean" },
  infected: VERDICT_SIGNS.infected,
  suspicious: VERDICT_SIGNS.suspicious,
  unscanned: VERDICT_SIGNS.unscanned,
  destroyed: { word: "Destroyed", icon: Trash2, tone: "plain" },
};
