// What stands around every page: the way to the others, the search, the line to the portal, the actions just taken.

import { Menu, Search } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import type { Me } from "../../../src/wire/api/v1/person.ts";
import { useRequests } from "../api/lists.ts";
import { useLiveEvents } from "../api/live.ts";
import { Announcer } from "../design/announcer.tsx";
import { Button } from "../design/button.tsx";
import { Dialog } from "../design/dialog.tsx";
import { Toasts } from "../design/toasts.tsx";
import { usePlace } from "../router/place.ts";
import { LineState } from "./line-state.tsx";
import { Palette } from "./palette.tsx";
import { isAt, type PlaceEntry, placesFor } from "./places.ts";
import { roleWord } from "./role-word.ts";
import "./shell.css";

export function Shell({ me, children }: { readonly me: Me; readonly children: ReactNode }): ReactNode {
  useLiveEvents();
  const { path } = usePlace();
  const [searching, setSearching] = useState(false);
  const [menu, setMenu] = useState(false);
  useEffect(() => setMenu(false), [path]);
  useSearchKey(() => setSearching(true));
  const places = placesFor(me.abilities);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="shell-side no-print">
        <a className="shell-name" href="/">
          <Mark />
          <span>
            Swarmgate
            <span className="shell-institution outside">{me.institution}</span>
          </span>
        </a>
        <Button icon={Search} shortcut="Ctrl K" onPress={() => setSearching(true)}>
          Search
        </Button>
        <nav aria-label="Pages" className="shell-nav">
          <PlaceLinks places={places} path={path} me={me} />
        </nav>
        <a className="shell-person" href="/you">
          <span className="outside">{me.person.name}</span>
          <span className="quiet small">{me.person.roles.map(roleWord).join(", ")}</span>
        </a>
        <span className="shell-menu">
          <Button icon={Menu} onPress={() => setMenu(true)}>
            Menu
          </Button>
        </span>
      </header>
      <main id="main" className="shell-main">
        <LineState />
        {children}
      </main>
      <nav aria-label="Main pages" className="thumb no-print">
        {places
          .filter((place) => place.thumb)
          .map((place) => (
            <PlaceLink key={place.href} place={place} path={path} />
          ))}
      </nav>
      {menu && (
        <Dialog title="Pages" onClose={() => setMenu(false)}>
          <nav aria-label="All pages" className="shell-nav">
            <PlaceLinks places={places} path={path} me={me} />
          </nav>
        </Dialog>
      )}
      {searching && <Palette me={me} onClose={() => setSearching(false)} />}
      <Toasts />
      <Announcer />
    </div>
  );
}

function useSearchKey(open: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      open();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [open]);
}

function PlaceLinks({
  places,
  path,
  me,
}: {
  readonly places: readonly PlaceEntry[];
  readonly path: string;
  readonly me: Me;
}): ReactNode {
  const waiting = useRequests({ scope: "decide", limit: "1" }, me.abilities.includes("decide")).data?.total ?? 0;
  return (
    <ul role="list">
      {places.map((place) => (
        <li key={place.href} data-group={place.group}>
          <PlaceLink place={place} path={path} count={place.href === "/decide" ? waiting : 0} />
        </li>
      ))}
    </ul>
  );
}

function PlaceLink({
  place,
  path,
  count = 0,
}: {
  readonly place: PlaceEntry;
  readonly path: string;
  readonly count?: number;
}): ReactNode {
  const Icon = place.icon;
  return (
    <a className="place" href={place.href} aria-current={isAt(place, path) ? "page" : undefined}>
      <Icon aria-hidden="true" />
      <span>{place.word}</span>
      {count > 0 && (
        <span className="place-count">
          {count}
          <span className="hidden-text"> waiting</span>
        </span>
      )}
    </a>
  );
}

export function Mark(): ReactNode {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="6" />
      <path d="M8 6v20M24 6v20M8 16h5M19 16h5" />
      <circle cx="16" cy="16" r="3" />
    </svg>
  );
}
