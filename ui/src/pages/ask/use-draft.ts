// Keeps the draft of a person in the browser, changed field by field.

import { useCallback, useState } from "react";
import { freshKey } from "../../world/chance.ts";
import { forget, keep, kept } from "../../world/keep.ts";
import { type Draft, emptyDraft, readDraft } from "./draft.ts";

export type DraftHold = {
  readonly draft: Draft;
  readonly change: (change: Partial<Draft>) => void;
  readonly clear: () => void;
};

export function useDraft(personId: string): DraftHold {
  const name = `draft.${personId}`;
  const [draft, setDraft] = useState(() => readDraft(kept(name), freshKey()));
  const change = useCallback(
    (part: Partial<Draft>) =>
      setDraft((before) => {
        // Another request needs another key; only the same one may be sent twice.
        const next = { ...before, ...part, key: freshKey() };
        keep(name, JSON.stringify(next));
        return next;
      }),
    [name],
  );
  const clear = useCallback(() => {
    forget(name);
    setDraft(emptyDraft(freshKey()));
  }, [name]);
  return { draft, change, clear };
}
