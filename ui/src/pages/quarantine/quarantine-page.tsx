// What is held: each file with its verdict, why, and what happens next. Nobody opens anything from here.

import { PackageOpen } from "lucide-react";
import type { ReactNode } from "react";
import type { QuarantineEntry } from "../../../../src/wire/api/v1/verdict.ts";
import { useQuarantine } from "../../api/lists.ts";
import type { PageProps } from "../../app.tsx";
import { ListTable } from "../../design/list-table.tsx";
import { Moment } from "../../design/moment.tsx";
import { Empty } from "../../design/notice.tsx";
import { Page } from "../../design/page.tsx";
import { HELD_SIGNS } from "../../design/states.ts";
import { Status } from "../../design/status.tsx";
import { type Column, textColumn } from "../../design/table.tsx";
import { sizeText } from "../../format/bytes.ts";
import { fullMomentText } from "../../format/moment.ts";
import "./quarantine.css";

const NEXT: Readonly<Record<QuarantineEntry["state"], string>> = {
  fetching: "Nothing to do: it is scanned once it is complete.",
  held: "Nothing to do: the scanner takes it next.",
  scanning: "Nothing to do: the verdict comes in a moment.",
  released: "It is in the library of the device.",
  infected: "It stays locked away. Do not fetch it elsewhere; ask the reviewers for another source.",
  suspicious: "A reviewer has to look at it. Ring the service desk if you need it soon.",
  unscanned:
    "It could not be scanned, so it is not released. It is tried again by itself; if it stays here, tell the service desk.",
  destroyed: "The bytes are gone. The record of it stays.",
};

const COLUMNS: readonly Column<QuarantineEntry>[] = [
  textColumn("File", (row) => row.fileName),
  { title: "Verdict", cell: (row) => <Status sign={HELD_SIGNS[row.state]} />, csv: (row) => row.state },
  { title: "Why, and what to do", cell: (row) => <Why row={row} />, csv: (row) => row.why },
  { title: "Size", cell: (row) => sizeText(row.bytes), csv: (row) => row.bytes, numeric: true },
  { title: "Held on", cell: (row) => <Where row={row} />, csv: (row) => row.device.name },
  {
    title: "Since",
    cell: (row) => <Moment ms={row.heldSinceMs} away />,
    csv: (row) => fullMomentText(row.heldSinceMs),
  },
];

function Why({ row }: { readonly row: QuarantineEntry }): ReactNode {
  return (
    <span className="held-why">
      {row.why !== "" && <span className="outside">{row.why} </span>}
      <span className="quiet">{NEXT[row.state]}</span>
      {row.sha256 !== null && (
        <details className="small">
          <summary>Hash</summary>
          <span className="mono outside">{row.sha256}</span>
        </details>
      )}
    </span>
  );
}

function Where({ row }: { readonly row: QuarantineEntry }): ReactNode {
  return (
    <>
      <span className="outside">{row.device.name}</span>
      <br />
      <a className="small" href={`/requests/${row.requestId}`}>
        {row.requestId}
      </a>
    </>
  );
}

export function QuarantinePage({ me }: PageProps): ReactNode {
  const all = me.abilities.includes("see-all-transfers");
  const list = useQuarantine({ scope: all ? "all" : "mine" });
  return (
    <Page
      title="Quarantine"
      lead="What arrives is held here, locked, until it has been scanned. Only what is clean leaves. Unscanned is never clean."
    >
      <ListTable
        label="Quarantine"
        columns={COLUMNS}
        list={list}
        rowId={(row) => `${row.device.id} ${row.entryId}`}
        empty={<NothingHeld />}
      />
    </Page>
  );
}

function NothingHeld(): ReactNode {
  return (
    <Empty icon={PackageOpen} title="Nothing is held">
      <p>
        Files stand here from their last piece until their verdict, usually for seconds. What was found infected stays,
        so that it can be looked at.
      </p>
    </Empty>
  );
}
