// A page: its title in the tab and as the heading, where the focus goes on arrival, and its actions beside it.

import { createContext, type ReactNode, type RefObject, useContext, useEffect, useRef } from "react";
import { focusStays } from "../router/place.ts";
import "./page.css";

const PRODUCT = "Swarmgate";
// The first page of a visit leaves the focus at the top, where the skip link is.
let arrivals = 0;

function useArrival(heading: RefObject<HTMLHeadingElement | null>, title: string, enabled = true): void {
  useEffect(() => {
    if (enabled) document.title = `${title} – ${PRODUCT}`;
  }, [title, enabled]);
  // Asked on arrival only: when a detail closes, the focus goes back to its row and not to the heading.
  const wasEnabled = useRef(enabled);
  useEffect(() => {
    if (!wasEnabled.current) return;
    arrivals += 1;
    if (arrivals > 1 && !focusStays()) heading.current?.focus();
  }, [heading]);
}

type PageProps = {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly narrow?: boolean;
  readonly yields?: boolean;
  readonly children: ReactNode;
};

/** `yields`: a detail is open in the page, and the title and the focus are the detail's. */
export function Page({ title, lead, actions, narrow = false, yields = false, children }: PageProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useArrival(heading, title, !yields);
  return (
    <div className="page" data-narrow={narrow || undefined}>
      <header className="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <p className="page-lead">{lead}</p>}
        </div>
        {actions !== undefined && <div className="bar no-print">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

type SplitProps = {
  readonly list: ReactNode;
  readonly openId: string | undefined;
  readonly detail: (openId: string) => ReactNode;
};

/** A list and, beside it, what is open; where there is no room, one of them. Closing gives the focus back to the row. */
export function Split({ list, openId, detail }: SplitProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const before = useRef(openId);
  useEffect(() => {
    const closed = openId === undefined ? before.current : undefined;
    before.current = openId;
    if (closed !== undefined)
      box.current?.querySelector<HTMLElement>(`tr[data-row="${CSS.escape(closed)}"] a`)?.focus();
  }, [openId]);
  return (
    <div className="split" ref={box} data-open={openId !== undefined || undefined}>
      <div className="split-list">{list}</div>
      {openId !== undefined && <div className="split-detail">{detail(openId)}</div>}
    </div>
  );
}

/** Inside a detail, whose title is a second-level heading, sections are one level deeper. */
const InDetail = createContext(false);

type DetailProps = {
  readonly title: string;
  readonly kicker: string;
  readonly backHref: string;
  readonly backWord: string;
  readonly children: ReactNode;
};

export function Detail({ title, kicker, backHref, backWord, children }: DetailProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useArrival(heading, `${kicker} ${title}`);
  return (
    <article className="detail" aria-label={`${kicker} ${title}`}>
      <a className="detail-back no-print" href={backHref}>
        {backWord}
      </a>
      <header>
        <p className="detail-kicker mono">{kicker}</p>
        <h2 ref={heading} tabIndex={-1} className="outside">
          {title}
        </h2>
      </header>
      <InDetail value={true}>{children}</InDetail>
    </article>
  );
}

export type Fact = readonly [term: string, value: ReactNode];

export function Facts({ facts }: { readonly facts: readonly (Fact | undefined)[] }): ReactNode {
  return (
    <dl className="facts">
      {facts.map(
        (fact) =>
          fact !== undefined && (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

export function Section({
  title,
  children,
  aside,
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly aside?: ReactNode;
}): ReactNode {
  const Heading = useContext(InDetail) ? "h3" : "h2";
  return (
    <section className="section">
      <header className="section-head">
        <Heading>{title}</Heading>
        {aside}
      </header>
      {children}
    </section>
  );
}
