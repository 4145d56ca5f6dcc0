// One request as the reviewer needs it: what would be opened in one sentence, then everything that sentence stands on.

import type { ReactNode } from "react";
import type { RequestDetail } from "../../../../src/wire/api/v1/request.ts";
import { useRequests } from "../../api/lists.ts";
import { Moment } from "../../design/moment.tsx";
import { Facts, Section } from "../../design/page.tsx";
import { Path } from "../../design/path.tsx";
import { REQUEST_SIGNS } from "../../design/states.ts";
import { Status } from "../../design/status.tsx";
import { countText, sizeText } from "../../format/bytes.ts";
import { durationText } from "../../format/duration.ts";
import { useNow } from "../../world/clock.ts";
import { ContentView } from "../content/content-view.tsx";
import { RequestHistory } from "../requests/request-history.tsx";
import { Verdicts } from "../requests/request-view.tsx";
import { RevokeGrant } from "../requests/return-grant.tsx";
import { DecisionBar } from "./decision-bar.tsx";

export function DecideView({
  request,
  nextHref,
}: {
  readonly request: RequestDetail;
  readonly nextHref: string;
}): ReactNode {
  const open = request.actions.some((action) => action === "approve" || action === "deny" || action === "ask");
  return (
    <>
      <section className="decide-opens" aria-label="What would be opened">
        <Opening request={request} />
        <figure className="request-reason">
          <figcaption className="quiet small">
            <span className="outside">{request.person.name}</span> says why:
          </figcaption>
          <p className="outside">{request.reason}</p>
        </figure>
      </section>
      {open ? <DecisionBar request={request} nextHref={nextHref} /> : <Closed request={request} />}
      <Section title="What policy says">
        <p>{request.policyWhy}</p>
        <p className="quiet small">
          {request.approvalsGiven} of {countText(request.approvalsNeeded, "approval")} given. Rule{" "}
          <code>{request.policyRule}</code> of policy version <code>{request.policyVersion}</code>
        </p>
      </Section>
      {request.torrent !== null && (
        <Section title="Content">
          <ContentView summary={request.torrent} />
        </Section>
      )}
      <Verdicts request={request} />
      <Before request={request} />
      <Section title="What happened so far">
        <RequestHistory history={request.history} />
      </Section>
    </>
  );
}

function Opening({ request }: { readonly request: RequestDetail }): ReactNode {
  const size =
    request.content.totalBytes === undefined ? "content of unknown size" : sizeText(request.content.totalBytes);
  const files =
    request.torrent === null || request.torrent.files.length === 0
      ? ""
      : ` in ${countText(request.torrent.files.length, "file")}`;
  const download = request.direction === "download";
  const now = useNow();
  const others = request.swarm === "open" ? "anyone in the open swarm" : "devices of this institution only";
  return (
    <>
      <p className="decide-sentence">
        If you approve, the device <strong className="outside">{request.device.name}</strong> of{" "}
        <strong className="outside">{request.person.name}</strong> may {download ? "fetch" : "offer"}{" "}
        <strong>
          {size}
          {files}
        </strong>{" "}
        {download ? "from" : "to"} {others} for{" "}
        <strong>{durationText(request.durationSeconds).replaceAll(" ", "\u00a0")}</strong>, counted from the approval.
      </p>
      <Facts
        facts={[
          ["Approved now, it ends", <Moment ms={now + request.durationSeconds * 1000} />],
          ["Application", request.application === "bittorrent" ? "BitTorrent" : request.application],
          ["Asked", <Moment ms={request.askedAtMs} />],
        ]}
      />
    </>
  );
}

function Closed({ request }: { readonly request: RequestDetail }): ReactNode {
  return (
    <>
      <Path steps={request.path} label={`The path of ${request.id}`} />
      {request.grant?.state === "active" && (
        <div className="bar no-print">
          <RevokeGrant grantId={request.grant.id} name={request.content.name} />
        </div>
      )}
      {request.state === "pending" && (
        <p className="quiet">You cannot decide this one: it is your own, or you have voted already.</p>
      )}
    </>
  );
}

/** Requests for the same content, whoever asked. */
function Before({ request }: { readonly request: RequestDetail }): ReactNode {
  const hash = request.content.infoHashV1 ?? request.content.infoHashV2 ?? "";
  const same =
    useRequests({ scope: "all", q: hash }, hash !== "").data?.rows.filter((row) => row.id !== request.id) ?? [];
  return (
    <Section title="What was decided before">
      {same.length === 0 ? (
        <p className="quiet">Nobody has asked for this content before.</p>
      ) : (
        <ul role="list" className="decide-before">
          {same.map((row) => (
            <li key={row.id}>
              <a href={`/decide/${row.id}`}>{row.id}</a>
              <Status sign={REQUEST_SIGNS[row.state]} />
              <span className="quiet">
                <span className="outside">{row.person.name}</span>, <Moment ms={row.askedAtMs} away />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
