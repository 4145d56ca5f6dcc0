// Transfers as they run: how far, how fast, and in one sentence why.

import { ArrowLeftRight } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import type { Transfer } from "../../../../src/wire/api/v1/transfer.ts";
import { refusalFrom } from "../../api/call.ts";
import { useTransfer, useTransfers } from "../../api/lists.ts";
import type { PageProps } from "../../app.tsx";
import { announce } from "../../design/announcer.tsx";
import { ButtonLink } from "../../design/button.tsx";
import { ListFilter } from "../../design/list-filter.tsx";
import { ListTable } from "../../design/list-table.tsx";
import { Empty, RefusalNotice, Skeleton } from "../../design/notice.tsx";
import { Detail, Page, Split } from "../../design/page.tsx";
import { PathRow } from "../../design/path-row.tsx";
import { TRANSFER_SIGNS } from "../../design/states.ts";
import { Status } from "../../design/status.tsx";
import { pathSentence } from "../../design/steps.ts";
import { type Column, textColumn } from "../../design/table.tsx";
import { rateText, shareText, sizeText } from "../../format/bytes.ts";
import { useQueryValue, useViewHref } from "../../router/place.ts";
import { Progress } from "./progress.tsx";
import { TransferView } from "./transfer-view.tsx";
import "./transfers.css";

const COLUMNS: readonly Column<Transfer>[] = [
  textColumn("Content", (row) => row.name),
  { title: "Path", cell: (row) => <PathRow steps={row.path} />, csv: (row) => pathSentence(row.path) },
  {
    title: "State",
    cell: (row) => <Status sign={TRANSFER_SIGNS[row.state]} />,
    csv: (row) => row.state,
    wideOnly: true,
  },
  { title: "Done", cell: (row) => <Progress transfer={row} />, csv: (row) => row.bytesDone },
  {
    title: "Size",
    cell: (row) => (row.bytesTotal === null ? "unknown" : sizeText(row.bytesTotal)),
    csv: (row) => row.bytesTotal,
    numeric: true,
    wideOnly: true,
  },
  {
    title: "Rate",
    cell: (row) => rateText(row.direction === "download" ? row.rateDown : row.rateUp),
    csv: (row) => row.rateDown,
    numeric: true,
  },
  textColumn("Device", (row) => row.device.name, { wideOnly: true }),
];

const STATES = [
  ["", "All states"],
  ...Object.entries(TRANSFER_SIGNS).map(([state, sign]) => [state, sign.word] as const),
] as const;

export function TransfersPage({ me, openId }: PageProps): ReactNode {
  const href = useViewHref();
  const [state] = useQueryValue("state");
  const all = me.abilities.includes("see-all-transfers");
  const list = useTransfers({ scope: all ? "all" : "mine", state });
  return (
    <Page
      title="Transfers"
      yields={openId !== undefined}
      lead={all ? "Every transfer of the institution, as the devices report it." : undefined}
    >
      <Split
        openId={openId}
        list={
          <>
            <ListFilter label="Search" states={STATES} searchable={false} />
            <ListTable
              label="Transfers"
              columns={COLUMNS}
              list={list}
              rowId={(row) => row.id}
              rowHref={(row) => href(`/transfers/${row.id}`)}
              openId={openId}
              empty={<NoTransfers />}
            />
          </>
        }
        detail={(id) => <TransferPane key={id} id={id} />}
      />
    </Page>
  );
}

function NoTransfers(): ReactNode {
  return (
    <Empty icon={ArrowLeftRight} title="Nothing is being transferred">
      <p>When a request is approved, the device begins by itself, and you can watch it here piece by piece.</p>
      <ButtonLink href="/ask" look="primary">
        Ask for a transfer
      </ButtonLink>
    </Empty>
  );
}

function TransferPane({ id }: { readonly id: string }): ReactNode {
  const href = useViewHref();
  const transfer = useTransfer(id);
  useProgressAnnounced(transfer.data);
  const title = transfer.data?.name ?? (transfer.isError ? "This transfer cannot be shown" : "Reading…");
  return (
    <Detail kicker={transfer.data?.requestId ?? ""} title={title} backHref={href("/transfers")} backWord="Transfers">
      {transfer.data !== undefined && <TransferView transfer={transfer.data} />}
      {transfer.isError && (
        <RefusalNotice refusal={refusalFrom(transfer.error)} title="The transfer could not be read." />
      )}
      {transfer.isPending && <Skeleton rows={8} label="Reading the transfer" />}
    </Detail>
  );
}

const ANNOUNCED_PERCENT = 25;

/** Each quarter and each change of state is told to screen readers, and nothing in between. */
function useProgressAnnounced(transfer: Transfer | undefined): void {
  const percent = transfer?.bytesTotal ? Math.floor((transfer.bytesDone / transfer.bytesTotal) * 100) : 0;
  const quarter = Math.floor(percent / ANNOUNCED_PERCENT) * ANNOUNCED_PERCENT;
  const [name, state] = [transfer?.name, transfer?.state];
  useEffect(() => {
    if (name !== undefined && state !== undefined)
      announce(`${name}: ${TRANSFER_SIGNS[state].word}, ${shareText(quarter, 100)}`);
  }, [name, state, quarter]);
}
