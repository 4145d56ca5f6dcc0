// The reader's own requests: where each stands on the path, and everything about the open one beside the list.

import { FileStack } from "lucide-react";
import type { ReactNode } from "react";
import type { RequestSummary } from "../../../../src/wire/api/v1/request.ts";
import { refusalFrom } from "../../api/call.ts";
import { useRequest, useRequests } from "../../api/lists.ts";
import type { PageProps } from "../../app.tsx";
import { ButtonLink } from "../../design/button.tsx";
import { ListFilter } from "../../design/list-filter.tsx";
import { ListTable } from "../../design/list-table.tsx";
import { Moment } from "../../design/moment.tsx";
import { Empty, RefusalNotice, Skeleton } from "../../design/notice.tsx";
import { Detail, Page, Split } from "../../design/page.tsx";
import { PathRow } from "../../design/path-row.tsx";
import { REQUEST_SIGNS } from "../../design/states.ts";
import { Status } from "../../design/status.tsx";
import { pathSentence } from "../../design/steps.ts";
import { type Column, textColumn } from "../../design/table.tsx";
import { fullMomentText } from "../../format/moment.ts";
import { useQueryValue, useViewHref } from "../../router/place.ts";
import { RequestView } from "./request-view.tsx";

const COLUMNS: readonly Column<RequestSummary>[] = [
  textColumn("Content", (row) => row.content.name),
  { title: "Path", cell: (row) => <PathRow steps={row.path} />, csv: (row) => pathSentence(row.path) },
  textColumn("Request", (row) => row.id, { mono: true }),
  {
    title: "Decision",
    cell: (row) => <Status sign={REQUEST_SIGNS[row.state]} />,
    csv: (row) => row.state,
    wideOnly: true,
  },
  textColumn("Device", (row) => row.device.name, { wideOnly: true }),
  { title: "Asked", cell: (row) => <Moment ms={row.askedAtMs} away />, csv: (row) => fullMomentText(row.askedAtMs) },
];

const STATES = [
  ["", "All states"],
  ["pending", "Waiting"],
  ["approved", "Approved"],
  ["denied", "Denied"],
  ["withdrawn", "Withdrawn"],
  ["lapsed", "Lapsed"],
] as const;

export function RequestsPage({ openId }: PageProps): ReactNode {
  const href = useViewHref();
  const [q] = useQueryValue("q");
  const [state] = useQueryValue("state");
  const [sort] = useQueryValue("sort");
  const list = useRequests({ scope: "mine", q, state, sort });
  return (
    <Page
      title="My requests"
      yields={openId !== undefined}
      actions={
        <>
          <a href="/grants">My grants</a>
          <ButtonLink href="/ask" look="primary">
            Ask for a transfer
          </ButtonLink>
        </>
      }
    >
      <Split
        openId={openId}
        list={
          <>
            <ListFilter label="Search by name, number or hash" states={STATES} order="newest" />
            <ListTable
              label="My requests"
              columns={COLUMNS}
              list={list}
              rowId={(row) => row.id}
              rowHref={(row) => href(`/requests/${row.id}`)}
              openId={openId}
              empty={<NoRequests searched={q !== "" || state !== ""} />}
            />
          </>
        }
        detail={(id) => <RequestDetailPane key={id} id={id} />}
      />
    </Page>
  );
}

function NoRequests({ searched }: { readonly searched: boolean }): ReactNode {
  return searched ? (
    <Empty icon={FileStack} title="No request fits">
      <p>Try a shorter word, or show all states.</p>
    </Empty>
  ) : (
    <Empty icon={FileStack} title="You have asked for nothing yet">
      <p>
        A request takes two minutes: what you need, why, and on which device. Then you see here who decides and how far
        it is.
      </p>
      <ButtonLink href="/ask" look="primary">
        Ask for a transfer
      </ButtonLink>
    </Empty>
  );
}

function RequestDetailPane({ id }: { readonly id: string }): ReactNode {
  const href = useViewHref();
  const request = useRequest(id);
  const title = request.data?.content.name ?? (request.isError ? "This request cannot be shown" : "Reading…");
  return (
    <Detail kicker={id} title={title} backHref={href("/requests")} backWord="My requests">
      {request.data !== undefined && <RequestView request={request.data} />}
      {request.isError && <RefusalNotice refusal={refusalFrom(request.error)} title="The request could not be read." />}
      {request.isPending && <Skeleton rows={8} label="Reading the request" />}
    </Detail>
  );
}
