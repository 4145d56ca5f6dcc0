// Light or dark, and how much contrast: the system's wish unless the reader chose. public/theme.js does the first paint.

import { useSyncExternalStore } from "react";
import { forget, keep, kept } from "./keep.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
export const CONTRASTS = ["system", "normal", "more"] as const;
export type Contrast = (typeof CONTRASTS)[number];
type Appearance = { readonly theme: Theme; readonly contrast: Contrast };

const wish = matchMedia("(prefers-contrast: more)");
const watchers = new Set<() => void>();
let current: Appearance = { theme: chosen("theme", THEMES), contrast: chosen("contrast", CONTRASTS) };

function chosen<Name extends string>(name: string, names: readonly Name[]): Name {
  const value = kept(name);
  return names.find((known) => known === value) ?? ("system" as Name);
}

export function choose(change: Partial<Appearance>): void {
  current = { ...current, ...change };
  for (const name of ["theme", "contrast"] as const) {
    if (current[name] === "system") forget(name);
    else keep(name, current[name]);
  }
  show();
  for (const watcher of watchers) watcher();
}

export function useAppearance(): Appearance {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => current,
  );
}

export function followSystemContrast(): void {
  wish.addEventListener("change", show);
}

function show(): void {
  const root = document.documentElement;
  root.dataset["theme"] = current.theme;
  root.dataset["contrast"] = current.contrast === "system" ? (wish.matches ? "more" : "normal") : current.contrast;
}
