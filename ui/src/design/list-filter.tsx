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
  /** The order in which it stands unless the reader chose; undefined: it cannot be chosen. */
  readonly order?: Order;
};

export type Order = "newest" | "oldest";
const ORDER_WORDS: Readonly<Record<Order, string>> = { newest: "Newest first", oldest: "Oldest first" };

export function ListFilter({
  label,
  states,
  stateName = "state",
  searchable = true,
  order,
}: ListFilterProps): ReactNode {
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
      {order !== undefined && <OrderSelect first={order} />}
    </search>
  );
}

function OrderSelect({ first }: { readonly first: Order }): ReactNode {
  const [order, setOrder] = useQueryValue("sort");
  const second: Order = first === "newest" ? "oldest" : "newest";
  return (
    <select className="field-box" aria-label="Order" value={order} onChange={(event) => setOrder(event.target.value)}>
      <option value="">{ORDER_WORDS[first]}</option>
      <option value={second}>{ORDER_WORDS[second]}</option>
    </select>
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
