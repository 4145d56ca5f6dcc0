// One box for everything (Ctrl K): pages, requests by number, content by name or hash, people.

import { FileText, type LucideIcon, UserRound } from "lucide-react";
import { type ReactNode, useDeferredValue, useState } from "react";
import { Autocomplete, Input, ListBox, ListBoxItem, SearchField } from "react-aria-components";
import type { Me } from "../../../src/wire/api/v1/person.ts";
import { usePeople, useRequests } from "../api/lists.ts";
import { Dialog } from "../design/dialog.tsx";
import { REQUEST_SIGNS } from "../design/states.ts";
import { navigate } from "../router/place.ts";
import { placesFor } from "./places.ts";
import "./palette.css";

type Hit = { readonly href: string; readonly word: string; readonly says: string; readonly icon: LucideIcon };
const HITS_EACH_MAX = 6;

export function Palette({ me, onClose }: { readonly me: Me; readonly onClose: () => void }): ReactNode {
  const [text, setText] = useState("");
  const hits = useHits(me, useDeferredValue(text.trim()));
  const go = (href: string): void => {
    onClose();
    navigate(href);
  };
  return (
    <Dialog title="Search" onClose={onClose} wide>
      {/* Results come in when they come: the focus goes to one only by the arrows, and Enter without them takes the first. */}
      <Autocomplete inputValue={text} onInputChange={setText} disableAutoFocusFirst>
        <SearchField
          aria-label="Pages, requests, content by name or hash, people"
          autoFocus
          onSubmit={() => hits[0] && go(hits[0].href)}
        >
          <Input className="field-box" placeholder="R-1042, a name, a hash, a page" />
        </SearchField>
        <ListBox
          className="hits"
          aria-label="What was found"
          items={hits}
          renderEmptyState={() => (
            <p className="quiet">Nothing is called that. Try a request’s number, a part of a name, or an info-hash.</p>
          )}
          onAction={(key) => go(String(key))}
        >
          {(hit) => (
            <ListBoxItem id={hit.href} textValue={hit.word} className="hit">
              <hit.icon aria-hidden="true" />
              <span className="outside">{hit.word}</span>
              <span className="quiet small">{hit.says}</span>
            </ListBoxItem>
          )}
        </ListBox>
      </Autocomplete>
    </Dialog>
  );
}

function useHits(me: Me, text: string): readonly Hit[] {
  const decides = me.abilities.includes("decide");
  const requests = useRequests({ scope: decides ? "all" : "mine", q: text }, text !== "").data?.rows ?? [];
  const people = usePeople(text, text !== "" && me.abilities.includes("see-people")).data ?? [];
  const small = text.toLowerCase();
  const pages = placesFor(me.abilities).filter((place) => place.word.toLowerCase().includes(small));
  if (text === "") return pages.map(({ href, word, icon }) => ({ href, word, icon, says: "Page" }));
  return [
    ...pages.map(({ href, word, icon }) => ({ href, word, icon, says: "Page" })),
    ...requests.slice(0, HITS_EACH_MAX).map((request) => ({
      href: `${request.person.id === me.person.id ? "/requests" : "/decide"}/${request.id}`,
      word: request.content.name,
      says: `${request.id}, ${REQUEST_SIGNS[request.state].word.toLowerCase()}`,
      icon: FileText,
    })),
    ...people.slice(0, HITS_EACH_MAX).map((person) => ({
      href: `/people?q=${encodeURIComponent(person.login)}`,
      word: person.name,
      says: person.login,
      icon: UserRound,
    })),
  ];
}
