// Home: what needs the reader now, what is under way, and the way to ask.

import { Ban, Coffee } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import type { GateBlocks } from "../../../../src/wire/api/v1/gate.ts";
import type { RequestSummary } from "../../../../src/wire/api/v1/request.ts";
import { useBlocks, useDevices, useRequests, useSuggestions } from "../../api/lists.ts";
import type { PageProps } from "../../app.tsx";
import { Button } from "../../design/button.tsx";
import { TextField } from "../../design/field.tsx";
import { Moment } from "../../design/moment.tsx";
import { Empty, Notice, Skeleton } from "../../design/notice.tsx";
import { Page, Section } from "../../design/page.tsx";
import { PathRow } from "../../design/path-row.tsx";
import { sizeText } from "../../format/bytes.ts";
import { navigate } from "../../router/place.ts";
import { applicationWord } from "../why-blocked/block-words.ts";
import "./home.css";

const SHOWN_MAX = 6;

export function HomePage({ me }: PageProps): ReactNode {
  const decides = me.abilities.includes("decide");
  return (
    <Page title={`Hello, ${me.person.name}`}>
      <div className="home">
        <div className="stack-wide">
          <NeedsYou me={me} openId={undefined} />
          {decides && <Queue />}
          <UnderWay />
        </div>
        <div className="stack-wide">
          <AskBox />
          <SuggestionList />
        </div>
      </div>
    </Page>
  );
}

/** Questions to answer, and a device that is missing. */
function NeedsYou({ me }: PageProps): ReactNode {
  const mine = useRequests({ scope: "mine", state: "pending" }).data?.rows ?? [];
  const devices = useDevices().data;
  const asked = mine.filter((request) => request.question !== null);
  const noDevice =
    devices !== undefined && !devices.some((device) => device.person.id === me.person.id && device.state === "active");
  const blocked = useBlocks("mine").data?.blocks ?? [];
  if (asked.length === 0 && blocked.length === 0 && !noDevice && me.hasPassword) return null;
  return (
    <Section title="Needs you now">
      {asked.map((request) => (
        <Notice key={request.id} tone="suspicious" title={`${request.id}: a reviewer asks you something`}>
          <p className="outside">“{request.question}”</p>
          <p>
            <a href={`/requests/${request.id}`}>Answer, so that it can be decided</a>
          </p>
        </Notice>
      ))}
      {blocked.length > 0 && (
        <Notice tone="suspicious" icon={Ban} title={`The network blocks ${blockedWords(blocked)}`}>
          <p>A program on a device of yours tries what no grant covers.</p>
          <p>
            <a href="/why-blocked">See the rule, and ask for what you need</a>
          </p>
        </Notice>
      )}
      {!me.hasPassword && (
        <Notice title="You have no password yet">
          <p>Your sign-in link worked once. To come back by yourself, set a password now.</p>
          <p>
            <a href="/you">Set a password</a>
          </p>
        </Notice>
      )}
      {noDevice && (
        <Notice title="No device of yours has joined yet">
          <p>A grant opens one device, so the portal needs to know yours. It takes one command.</p>
          <p>
            <a href="/you">Add a device</a>
          </p>
        </Notice>
      )}
    </Section>
  );
}

function blockedWords(blocks: GateBlocks["blocks"]): string {
  return [...new Set(blocks.map(({ application }) => applicationWord(application)))].join(" and ");
}

function Queue(): ReactNode {
  const { data } = useRequests({ scope: "decide" });
  if (data === undefined) return <Skeleton rows={3} label="Reading the queue" />;
  return (
    <Section
      title={data.total === 0 ? "Nothing waits for your decision" : "Waiting for your decision"}
      aside={<a href="/decide">All decisions</a>}
    >
      {data.rows.length > 0 && (
        <Lines rows={data.rows} href={(row) => `/decide/${row.id}`} says={(row) => row.person.name} />
      )}
    </Section>
  );
}

function UnderWay(): ReactNode {
  const { data } = useRequests({ scope: "mine" });
  if (data === undefined) return <Skeleton rows={4} label="Reading your requests" />;
  if (data.rows.length === 0) {
    return (
      <Empty icon={Coffee} title="You have asked for nothing yet">
        <p>
          Paste a magnet link or choose a .torrent file. Somebody looks at it, usually within the day, and you see each
          step here.
        </p>
      </Empty>
    );
  }
  return (
    <Section title="Your requests" aside={<a href="/requests">All your requests</a>}>
      <Lines rows={data.rows} href={(row) => `/requests/${row.id}`} says={(row) => row.id} />
    </Section>
  );
}

type LinesProps = {
  readonly rows: readonly RequestSummary[];
  readonly href: (row: RequestSummary) => string;
  readonly says: (row: RequestSummary) => string;
};

function Lines({ rows, href, says }: LinesProps): ReactNode {
  return (
    <ul role="list" className="home-lines">
      {rows.slice(0, SHOWN_MAX).map((row) => (
        <li key={row.id}>
          <a href={href(row)} className="outside">
            {row.content.name}
          </a>
          <PathRow steps={row.path} />
          <span className="quiet small">
            <span className="outside">{says(row)}</span>, <Moment ms={row.askedAtMs} away />
          </span>
        </li>
      ))}
    </ul>
  );
}

function AskBox(): ReactNode {
  const [magnet, setMagnet] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    navigate(magnet.trim() === "" ? "/ask" : `/ask?magnet=${encodeURIComponent(magnet.trim())}`);
  };
  return (
    <section className="ask-box">
      <h2>Ask for a transfer</h2>
      <form className="stack" onSubmit={submit}>
        <TextField
          label="Magnet link"
          hint="Or go on without one: you can drop a .torrent file on the next page."
          value={magnet}
          onChange={setMagnet}
          mono
        />
        <div className="bar">
          <Button look="primary" type="submit">
            Go on
          </Button>
          <a href="/why-blocked">Why do I have to ask?</a>
        </div>
      </form>
    </section>
  );
}

function SuggestionList(): ReactNode {
  const suggestions = useSuggestions().data?.suggestions ?? [];
  if (suggestions.length === 0) return null;
  return (
    <Section title="To try it with">
      <ul role="list" className="home-suggestions">
        {suggestions.map((suggestion) => (
          <li key={suggestion.torrentId}>
            <a href={`/ask?torrent=${encodeURIComponent(suggestion.torrentId)}`} className="outside">
              {suggestion.name}
            </a>
            <p className="quiet small">
              <span className="outside">{suggestion.says}</span>
              {suggestion.totalBytes !== null && <> {sizeText(suggestion.totalBytes)}.</>}
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
