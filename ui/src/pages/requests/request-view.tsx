// A request in full, as its owner reads it: the path with what to do now, then the facts and the record.

import type { ReactNode } from "react";
import type { RequestDetail } from "../../../../src/wire/api/v1/request.ts";
import { Moment } from "../../design/moment.tsx";
import { Facts, Section } from "../../design/page.tsx";
import { Path } from "../../design/path.tsx";
import { GRANT_SIGNS, VERDICT_SIGNS } from "../../design/states.ts";
import { Status } from "../../design/status.tsx";
import { durationText } from "../../format/duration.ts";
import { ContentView } from "../content/content-view.tsx";
import { RequestActions } from "./request-actions.tsx";
import { RequestHistory } from "./request-history.tsx";
import "./request.css";

export function RequestView({ request }: { readonly request: RequestDetail }): ReactNode {
  return (
    <>
      <Path steps={request.path} label={`The path of ${request.id}`}>
        <NextSteps request={request} />
      </Path>
      <RequestActions request={request} />
      <Section title="What you asked for">
        <Facts
          facts={[
            ["Direction", request.direction === "download" ? "Download" : "Share"],
            ["Device", <span className="outside">{request.device.name}</span>],
            ["How long", durationText(request.durationSeconds)],
            ["Asked", <Moment ms={request.askedAtMs} />],
            request.grant === null ? undefined : ["Grant", <GrantFact grant={request.grant} />],
          ]}
        />
        <figure className="request-reason">
          <figcaption className="quiet small">Why</figcaption>
          <p className="outside">{request.reason}</p>
        </figure>
      </Section>
      {request.torrent !== null && (
        <Section title="Content">
          <ContentView summary={request.torrent} />
        </Section>
      )}
      <Verdicts request={request} />
      <Section title="What happened so far">
        <RequestHistory history={request.history} />
      </Section>
    </>
  );
}

function GrantFact({ grant }: { readonly grant: NonNullable<RequestDetail["grant"]> }): ReactNode {
  return (
    <>
      <a href={`/grants/${grant.id}`} className="mono">
        {grant.id}
      </a>{" "}
      <Status sign={GRANT_SIGNS[grant.state]} />
      <br />
      <span className="quiet small">
        {grant.state === "active" ? "until " : "was to end "}
        <Moment ms={grant.expiresAtMs} />
      </span>
    </>
  );
}

/** What the reader can do at the step where it stands. */
function NextSteps({ request }: { readonly request: RequestDetail }): ReactNode {
  if (request.question !== null)
    return <p>A reviewer asks you something. Your answer is below; it is decided after that.</p>;
  const infected = request.transferState === "infected";
  switch (request.state) {
    case "pending":
      return <p>You need do nothing. If it is urgent, ring the service desk and quote {request.id}.</p>;
    case "denied":
      return (
        <p>
          You can <a href="/ask">ask again</a> with a better reason, a shorter time or a smaller part.
        </p>
      );
    case "withdrawn":
    case "lapsed":
      return (
        <p>
          If you still need it, <a href="/ask">ask again</a>.
        </p>
      );
    case "approved":
      if (infected) return <p>Do not fetch it elsewhere. The reviewers know already; ask them for another source.</p>;
      if (request.transferState === "released")
        return <p>You find the files in the library of the device, under the name shown here.</p>;
      return (
        <p>
          <a href="/transfers">See how far it is</a>
        </p>
      );
  }
}

export function Verdicts({ request }: { readonly request: RequestDetail }): ReactNode {
  if (request.verdicts.length === 0) return null;
  return (
    <Section title="What the scanner found">
      <ul role="list" className="request-verdicts">
        {request.verdicts.map((verdict) => (
          <li key={`${verdict.fileName} ${verdict.atMs}`}>
            <Status sign={VERDICT_SIGNS[verdict.verdict]} />
            <span className="outside">{verdict.fileName}</span>
            <span className="quiet small outside">{verdict.why}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
