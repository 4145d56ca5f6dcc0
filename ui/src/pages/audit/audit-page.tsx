// The record: every change, who made it, and the chain that shows whether it was touched afterwards.

import { Link2, ScrollText } from "lucide-react";
import type { ReactNode } from "react";
import type { AuditRecord } from "../../../../src/wire/api/v1/audit.ts";
import { useAudit, useCheckpoint } from "../../api/lists.ts";
import type { PageProps } from "../../app.tsx";
import { ButtonLink } from "../../design/button.tsx";
import { ListFilter } from "../../design/list-filter.tsx";
import { ListTable } from "../../design/list-table.tsx";
import { Moment } from "../../design/moment.tsx";
import { Empty, Notice } from "../../design/notice.tsx";
import { Page } from "../../design/page.tsx";
import { type Column, textColumn } from "../../design/table.tsx";
import { countText } from "../../format/bytes.ts";
import { fullMomentText } from "../../format/moment.ts";
import { useQueryValue } from "../../router/place.ts";
import { actionSentence, dataPairs, subjectHref } from "./record.ts";
import "./audit.css";

const COLUMNS: readonly Column<AuditRecord>[] = [
  { title: "No.", cell: (row) => <span className="mono">{row.n}</span>, csv: (row) => row.n },
  { title: "When", cell: (row) => <Moment ms={row.atMs} />, csv: (row) => fullMomentText(row.atMs) },
  textColumn("Who", (row) => row.actorName),
  { title: "What", cell: (row) => actionSentence(row.action), csv: (row) => row.action },
  { title: "To", cell: (row) => <Subject row={row} />, csv: (row) => row.subject },
  { title: "Detail", cell: (row) => <Data row={row} />, csv: (row) => JSON.stringify(row.data) },
];

function Subject({ row }: { readonly row: AuditRecord }): ReactNode {
  const href = subjectHref(row.subject);
  return href === undefined ? (
    <span className="mono outside audit-subject">{row.subject}</span>
  ) : (
    <a className="mono" href={href}>
      {row.subject}
    </a>
  );
}

function Data({ row }: { readonly row: AuditRecord }): ReactNode {
  const pairs = dataPairs(row.data);
  return (
    <details className="audit-data small">
      <summary>
        <span className="outside">{pairs[0] === undefined ? "Hash" : `${pairs[0][0]}: ${pairs[0][1]}`}</span>
      </summary>
      <dl>
        {pairs.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="outside">{value}</dd>
          </div>
        ))}
        <div>
          <dt>hash</dt>
          <dd className="mono outside">{row.hash}</dd>
        </div>
      </dl>
    </details>
  );
}

export function AuditPage(_props: PageProps): ReactNode {
  const [q] = useQueryValue("q");
  const list = useAudit({ q });
  return (
    <Page
      title="Audit"
      lead="Each entry carries the hash of the one before it and was written together with the change that it records."
      actions={
        <>
          <ButtonLink href="/api/v1/audit/export?format=csv" download>
            Export CSV
          </ButtonLink>
          <ButtonLink href="/api/v1/audit/export?format=jsonl" download>
            Export for checking
          </ButtonLink>
        </>
      }
    >
      <Chain />
      <div>
        <ListFilter label="Search by person, request, grant or action" />
        <ListTable
          label="Audit record"
          columns={COLUMNS}
          list={list}
          rowId={(row) => String(row.n)}
          empty={<NoRecords />}
        />
      </div>
    </Page>
  );
}

function NoRecords(): ReactNode {
  return (
    <Empty icon={ScrollText} title="No entry fits">
      <p>Try a request’s number, a person’s name, or a word such as “approved”.</p>
    </Empty>
  );
}

function Chain(): ReactNode {
  const checkpoint = useCheckpoint().data;
  if (checkpoint === undefined) return null;
  return (
    <Notice icon={Link2} title={`The chain has ${countText(checkpoint.n, "entry", "entries")}`}>
      <p>
        Its end is <code className="outside">{checkpoint.hash}</code>. Keep the signed checkpoint somewhere else: with
        it, <code>swarmgate audit verify</code> proves that nothing before it was cut or changed.
      </p>
      <details className="small">
        <summary>Signed checkpoint</summary>
        <code className="outside">{checkpoint.jws}</code>
      </details>
    </Notice>
  );
}
