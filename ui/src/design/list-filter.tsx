// The search box and the state filter above a list; both live in the address, so a view can be kept as a bookmark.

import { type ReactNode, useEffect, useState } from "react";
import { useQueryValue } from "../router/place.ts";
import { later } from "../world/clock.ts";
import "./list-filter.css";

const TYPING_PAUSE_MS = 250;

type ListFilterProps = {
  readonly label: string;
  readonly states?: readonly (readonly [value: string, word: string])[];
  readonly stateName?: string;
  readonly searchable?: boolean;
};

export function ListFilter({ label, states, stateName = "state", searchable = true }: ListFilterProps): ReactNode {
  const [state, setState] = useQueryValue(stateName);
  return (
    <search className="list-filter no-print">
      {searchable && <SearchInput label={label} />}
      {states !== undefined && (
        <select
          className="field-box"
          aria-label="Show"
          value={state}
          onChange={(event) => setState(event.target.value)}
        >
          {states.map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      )}
    </search>
  );
}

function SearchInput({ label }: { readonly label: string }): ReactNode {
  const [q, setQ] = useQueryValue("q");
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  useEffect(() => {
    if (text === q) return undefined;
    return later(TYPING_PAUSE_MS, () => setQ(text));
  }, [text, q, setQ]);
  return (
    <input
      className="field-box"
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}
