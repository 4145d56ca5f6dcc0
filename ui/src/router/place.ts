// Where the reader is: the address bar is the only state of the router, so every view can be linked and reloaded.

import { useSyncExternalStore } from "react";

export type Place = { readonly path: string; readonly query: string; readonly hash: string };
export type Journey = {
  /** Replaces the entry in the history: moving along a list must not fill the back button. */
  readonly replace?: boolean;
  /** Leaves the focus where it is: the eye is still on the list. */
  readonly keepFocus?: boolean;
};

const listeners = new Set<() => void>();
let current = here();
let keepFocus = false;

function here(): Place {
  return { path: location.pathname, query: location.search, hash: location.hash };
}

function changed(): void {
  current = here();
  for (const listener of listeners) listener();
}

export function navigate(href: string, journey: Journey = {}): void {
  const url = new URL(href, location.href);
  if (url.href === location.href) return;
  keepFocus = journey.keepFocus === true;
  if (journey.replace === true) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  changed();
}

/** Whether the last move asked to leave the focus alone. */
export function focusStays(): boolean {
  return keepFocus;
}

export function usePlace(): Place {
  return useSyncExternalStore(subscribe, () => current);
}

/** The query of the address as the view's own settings; setting one replaces the entry. */
export function useQueryValue(name: string): readonly [value: string, set: (value: string) => void] {
  const place = usePlace();
  const value = new URLSearchParams(place.query).get(name) ?? "";
  const set = (next: string): void => {
    const query = new URLSearchParams(location.search);
    if (next === "") query.delete(name);
    else query.set(name, next);
    const text = query.toString();
    navigate(`${location.pathname}${text === "" ? "" : `?${text}`}`, { replace: true, keepFocus: true });
  };
  return [value, set];
}

/** The address of something within the same view: search, filter and order go along. */
export function useViewHref(): (path: string) => string {
  const { query } = usePlace();
  return (path) => `${path}${query}`;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Turns clicks on plain links into moves, once for the whole page; call it when the page starts. */
export function followLinks(): void {
  addEventListener("popstate", () => {
    keepFocus = false;
    changed();
  });
  document.addEventListener("click", (event) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || link.target !== "" || link.hasAttribute("download")) return;
    const url = new URL(link.href, location.href);
    if (url.origin !== location.origin || url.pathname.startsWith("/api/")) return;
    if (url.pathname === location.pathname && url.search === location.search && url.hash !== "") return;
    event.preventDefault();
    navigate(url.href);
  });
}
