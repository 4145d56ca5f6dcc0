// The places of the product, in the order in which they are offered, and who may go there.

import {
  ArrowLeftRight,
  BookOpenCheck,
  CircleHelp,
  FileStack,
  House,
  type LucideIcon,
  PackageOpen,
  Scale,
  ScrollText,
  UserRound,
  Users,
} from "lucide-react";
import type { Ability } from "../../../src/domain/person.ts";

export type PlaceEntry = {
  readonly href: string;
  readonly word: string;
  readonly icon: LucideIcon;
  readonly ability?: Ability;
  /** Stands in the bar at the thumb on a phone. */
  readonly thumb?: true;
  readonly group: "mine" | "all" | "about";
};

const PLACES: readonly PlaceEntry[] = [
  { href: "/", word: "Home", icon: House, thumb: true, group: "mine" },
  { href: "/ask", word: "Ask", icon: BookOpenCheck, thumb: true, group: "mine" },
  { href: "/requests", word: "My requests", icon: FileStack, thumb: true, group: "mine" },
  { href: "/transfers", word: "Transfers", icon: ArrowLeftRight, thumb: true, group: "mine" },
  { href: "/quarantine", word: "Quarantine", icon: PackageOpen, group: "mine" },
  { href: "/decide", word: "Decide", icon: Scale, ability: "decide", group: "all" },
  { href: "/audit", word: "Audit", icon: ScrollText, ability: "see-audit", group: "all" },
  { href: "/people", word: "People", icon: Users, ability: "manage-people", group: "all" },
  { href: "/why-blocked", word: "Why it is blocked", icon: CircleHelp, group: "about" },
  { href: "/you", word: "You and your devices", icon: UserRound, group: "about" },
];

export function placesFor(abilities: readonly string[]): readonly PlaceEntry[] {
  return PLACES.filter(({ ability }) => ability === undefined || abilities.includes(ability));
}

/** The place that a path lies in. */
export function isAt(place: PlaceEntry, path: string): boolean {
  return place.href === "/" ? path === "/" : path === place.href || path.startsWith(`${place.href}/`);
}
