// Moving along a list without the mouse: j and k walk, Enter opens (it is a link), x selects, Escape goes back.

import { type RefObject, useEffect } from "react";
import { navigate } from "../router/place.ts";

export type RowKeys = {
  /** The detail beside the list follows the walk. */
  readonly follow?: boolean;
  readonly onChoose?: (rowId: string) => void;
};

export function useRowKeys(table: RefObject<HTMLTableElement | null>, { follow = false, onChoose }: RowKeys): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!isPlainKey(event) || table.current === null) return;
      const links = [...table.current.querySelectorAll<HTMLAnchorElement>("a.row-link")];
      const at = currentRow(links);
      if (event.key === "j" || event.key === "k") {
        const next = links[Math.min(links.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))];
        if (next === undefined) return;
        event.preventDefault();
        next.focus();
        next.scrollIntoView({ block: "nearest" });
        if (follow) navigate(next.href, { replace: true, keepFocus: true });
      }
      const rowId = links[at]?.closest("tr")?.dataset["row"];
      if (event.key === "x" && rowId !== undefined && onChoose !== undefined) {
        event.preventDefault();
        onChoose(rowId);
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [table, follow, onChoose]);
}

/** Where the walk stands: the row with the focus, else the one whose detail is open, else before the first. */
function currentRow(links: readonly HTMLAnchorElement[]): number {
  const focused = links.findIndex((link) => link.closest("tr")?.contains(document.activeElement) === true);
  return focused === -1 ? links.findIndex((link) => link.ariaCurrent === "true") : focused;
}

/** A letter that nobody is typing into something, while no dialog is open. */
function isPlainKey(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false;
  const target = event.target instanceof Element ? event.target : null;
  return (
    target?.closest("input, textarea, select, [contenteditable], [role=dialog], [role=listbox], [role=menu]") === null
  );
}

/** Calls the action of a key while the component stands. Pass a stable table of actions. */
export function useKeys(actions: Readonly<Record<string, (() => void) | undefined>>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const action = isPlainKey(event) ? actions[event.key] : undefined;
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [actions]);
}
