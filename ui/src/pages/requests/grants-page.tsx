// Grants: what the reader's devices may do, until when, and the signed token behind each.

import { BadgeCheck } from "lucide-react";
import type { ReactNode } from "react";
import type { GrantDetail, GrantSummary } from "../../../../src/wire/api/v1/grant.ts";
import type { Me } from "../../../../src/wire/api/v1/person.ts";
import { refusalFrom } from "../../api/call.ts";
import { useGrant, useGrants } from "../../api/lists.ts";
import type { PageProps } from "../../app.tsx";
import { ButtonLink } from "../../design/button.tsx";
import { ListFilter } from "../../design/list-filter.tsx";
import { ListTable } from "../../design/list-table.tsx";
import { Moment } from "../../design/moment.tsx";
import { Empty, RefusalNotice, Skeleton } from "../../design/notice.tsx";
import { Detail, Facts, Page, Section, Split } from "../../design/page.tsx";
import { Path } from "../../design/path.tsx";
import { PathRow } from "../../design/path-row.tsx";
import { GRANT_SIGNS } from "../../design/states.ts";
import { Status } from "../../design/status.tsx";
import { pathSentence } from "../../design/steps.ts";
import { type Column, textColumn } from "../../design/table.tsx";
import { sizeText } from "../../format/bytes.ts";
import { fullMomentText } from "../../format/moment.ts";
import { useQueryValue, useViewHref } from "../../router/place.ts";
import { ReturnGrant, RevokeGrant } from "./return-grant.tsx";
import "./request.css";

const COLUMNS: readonly Column<GrantSummary>[] = [
  textColumn("Content", (row) => row.content.name),
  { title: "Path", cell: (row) => <PathRow steps={row.path} />, csv: (row) => pathSentence(row.path) },
  { title: "Grant", cell: (row) => <Status sign={GRANT_SIGNS[row.state]} />, csv: (row) => row.state },
  textColumn("Person", (row) => row.person.name, { wideOnly: true }),
  textColumn("Device", (row) => row.device.name, { wideOnly: true }),
  { title: "Ends", cell: (row) => <Moment ms={row.expiresAtMs} />, csv: (row) => fullMomentText(row.expiresAtMs) },
];

const STATES = [
  ["", "All states"],
  ["active", "Active"],
  ["expired", "Expired"],
  ["revoked", "Revoked"],
  ["returned", "Returned"],
] as const;

export function GrantsPage({ me, openId }: PageProps): ReactNode {
  const href = useViewHref();
  const [q] = useQueryValue("q");
  const [state] = useQueryValue("state");
  const all = me.abilities.includes("see-all-transfers");
  const list = useGrants({ scope: all ? "all" : "mine", q, state });
  return (
    <Page
      title={all ? "Grants" : "My grants"}
      yields={openId !== undefined}
      lead="A grant is a signed permission: this device, this content, until this moment. Nothing moves without one."
      actions={<a href="/requests">My requests</a>}
    >
      <Split
        openId={openId}
        list={
          <>
            <ListFilter label="Search by name or hash" states={STATES} />
            <ListTable
              label="Grants"
              columns={COLUMNS}
              list={list}
              rowId={(row) => row.id}
              rowHref={(row) => href(`/grants/${row.id}`)}
              openId={openId}
              empty={<NoGrants />}
            />
          </>
        }
        detail={(id) => <GrantPane key={id} id={id} me={me} />}
      />
    </Page>
  );
}

function NoGrants(): ReactNode {
  return (
    <Empty icon={BadgeCheck} title="There are no grants here">
      <p>
        A grant comes from an approved request. Ask for what you need, and it stands here once somebody has approved it.
      </p>
      <ButtonLink href="/ask" look="primary">
        Ask for a transfer
      </ButtonLink>
    </Empty>
  );
}

function GrantPane({ id, me }: { readonly id: string; readonly me: Me }): ReactNode {
  const href = useViewHref();
  const grant = useGrant(id);
  return (
    <Detail
      kicker={id}
      title={grant.data?.content.name ?? (grant.isError ? "This grant cannot be shown" : "Reading…")}
      backHref={href("/grants")}
      backWord="Grants"
    >
      {grant.data !== undefined && <GrantView grant={grant.data} me={me} />}
      {grant.isError && <RefusalNotice refusal={refusalFrom(grant.error)} title="The grant could not be read." />}
      {grant.isPending && <Skeleton rows={8} label="Reading the grant" />}
    </Detail>
  );
}

function GrantView({ grant, me }: { readonly grant: GrantDetail; readonly me: Me }): ReactNode {
  const { claims } = grant;
  const active = grant.state === "active";
  return (
    <>
      <Path steps={grant.path} label={`The path of ${grant.requestId}`} />
      {active && (
        <div className="bar no-print">
          {grant.person.id === me.person.id && <ReturnGrant grantId={grant.id} name={grant.content.name} />}
          {me.abilities.includes("decide") && <RevokeGrant grantId={grant.id} name={grant.content.name} />}
        </div>
      )}
      <Section title="What it permits">
        <Facts
          facts={[
            ["State", <Status sign={GRANT_SIGNS[grant.state]} />],
            ["Who", <span className="outside">{grant.person.name}</span>],
            ["Device", <span className="outside">{grant.device.name}</span>],
            ["Direction", grant.direction === "download" ? "Download" : "Share"],
            ["From", <Moment ms={grant.startsAtMs} />],
            ["Until", <Moment ms={grant.expiresAtMs} />],
            ["Where", claims.zones.length === 0 ? "Everywhere" : claims.zones.join(", ")],
            ["At most", claims.maxBytes === undefined ? "No limit of its own" : sizeText(claims.maxBytes)],
            ["Approved by", <span className="outside">{grant.approvers.map((person) => person.name).join(", ")}</span>],
            ["Request", <a href={`/requests/${grant.requestId}`}>{grant.requestId}</a>],
            grant.endedWhy === null ? undefined : ["Why it ended", <span className="outside">{grant.endedWhy}</span>],
          ]}
        />
      </Section>
      <details>
        <summary>The signed token</summary>
        <p className="quiet small">
          A JSON Web Signature by the institution’s key. Anybody with the public key can check it.
        </p>
        <pre className="grant-token">{grant.jws}</pre>
      </details>
    </>
  );
}
