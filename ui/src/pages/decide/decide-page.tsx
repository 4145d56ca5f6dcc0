// The reviewer's page: the queue, and beside it exactly what would be opened. Keys do all of it.

import { Scale } from "lucide-react";
import { type ReactNode, useCallback, useState } from "react";
import type { RequestSummary } from "../../../../src/wire/api/v1/request.ts";
import { refusalFrom } from "../../api/call.ts";
import { useRequest, useRequests } from "../../api/lists.ts";
import type { PageProps } from "../../app.tsx";
import { ListFilter, type Order } from "../../design/list-filter.tsx";
import { ListTable } from "../../design/list-table.tsx";
import { Moment } from "../../design/moment.tsx";
import { Empty, RefusalNotice, Skeleton } from "../../design/notice.tsx";
import { Detail, Page, Split } from "../../design/page.tsx";
import { PathRow } from "../../design/path-row.tsx";
import { pathSentence } from "../../design/steps.ts";
import { type Column, textColumn } from "../../design/table.tsx";
import { useToasts } from "../../design/undo.ts";
import { sizeText } from "../../format/bytes.ts";
import { fullMomentText } from "../../format/moment.ts";
import { useQueryValue, useViewHref } from "../../router/place.ts";
import { BulkBar } from "./bulk-bar.tsx";
import { DecideView } from "./decide-view.tsx";
import "./decide.css";

const COLUMNS: readonly Column<RequestSummary>[] = [
  { title: "Content", cell: (row) => <Waiting row={row} />, csv: (row) => row.content.name },
  textColumn("Who asks", (row) => row.person.name),
  textColumn("Request", (row) => row.id, { mono: true, wideOnly: true }),
  { title: "Path", cell: (row) => <PathRow steps={row.path} />, csv: (row) => pathSentence(row.path), wideOnly: true },
  {
    title: "Size",
    cell: (row) => (row.content.totalBytes === undefined ? "unknown" : sizeText(row.content.totalBytes)),
    csv: (row) => row.content.totalBytes ?? null,
    numeric: true,
  },
  {
    title: "Asked",
    cell: (row) => <Moment ms={row.askedAtMs} away />,
    csv: (row) => fullMomentText(row.askedAtMs),
    wideOnly: true,
  },
];

/** The name, and that a decision about it was just taken and can still be undone. */
function Waiting({ row }: { readonly row: RequestSummary }): ReactNode {
  const deciding = useToasts().some(({ action, at }) => action.subjects.includes(row.id) && at !== "refused");
  return (
    <>
      <span className="outside">{row.content.name}</span>
      {deciding && <span className="quiet"> (decided)</span>}
      {row.question !== null && <span className="quiet"> (asked back)</span>}
    </>
  );
}

export function DecidePage({ openId }: PageProps): ReactNode {
  const href = useViewHref();
  const [q] = useQueryValue("q");
  const [show] = useQueryValue("show");
  const past = show === "all";
  const order: Order = past ? "newest" : "oldest";
  const [sort] = useQueryValue("sort");
  const list = useRequests({ scope: past ? "all" : "decide", q, sort: sort === "" ? order : sort });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const choose = useCallback((id: string) => setChosen((before) => before.symmetricDifference(new Set([id]))), []);
  const rows = list.data?.rows ?? [];
  return (
    <Page
      title="Decide"
      yields={openId !== undefined}
      lead={
        <>
          Walk with <kbd>j</kbd> and <kbd>k</kbd>, open with <kbd>Enter</kbd>, select with <kbd>x</kbd>. A decision can
          be undone for ten seconds.
        </>
      }
    >
      <Split
        openId={openId}
        list={
          <>
            <ListFilter
              label="Search by name, person or hash"
              stateName="show"
              order={order}
              states={[
                ["", "Waiting"],
                ["all", "All requests"],
              ]}
            />
            <BulkBar
              chosen={rows.filter((row) => chosen.has(row.id) && row.state === "pending")}
              onClear={() => setChosen(new Set())}
            />
            <ListTable
              label="Requests to decide"
              columns={COLUMNS}
              list={list}
              rowId={(row) => row.id}
              rowHref={(row) => href(`/decide/${row.id}`)}
              openId={openId}
              empty={<NothingWaits />}
              keys={{ follow: openId !== undefined, onChoose: choose }}
              chosen={chosen}
            />
          </>
        }
        detail={(id) => <DecidePane key={id} id={id} rows={rows} />}
      />
    </Page>
  );
}

function NothingWaits(): ReactNode {
  return (
    <Empty icon={Scale} title="Nothing waits for you">
      <p>New requests appear here by themselves. What was decided before is one choice away: show “All requests”.</p>
    </Empty>
  );
}

function DecidePane({ id, rows }: { readonly id: string; readonly rows: readonly RequestSummary[] }): ReactNode {
  const href = useViewHref();
  const request = useRequest(id);
  const next = rows[rows.findIndex((row) => row.id === id) + 1];
  return (
    <Detail
      kicker={id}
      title={request.data?.content.name ?? (request.isError ? "This request cannot be shown" : "Reading…")}
      backHref={href("/decide")}
      backWord="The queue"
    >
      {request.data !== undefined && (
        <DecideView request={request.data} nextHref={href(next === undefined ? "/decide" : `/decide/${next.id}`)} />
      )}
      {request.isError && <RefusalNotice refusal={refusalFrom(request.error)} title="The request could not be read." />}
      {request.isPending && <Skeleton rows={10} label="Reading the request" />}
    </Detail>
  );
}
