// Every list of the pages: a real table, cards where it is narrow, j and k to move, x to select, CSV to take away.

import { Download } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { refusalFrom } from "../api/call.ts";
import type { ListResult } from "../api/lists.ts";
import { countText } from "../format/bytes.ts";
import { type CsvCell, csvText } from "../format/csv.ts";
import { saveText } from "../world/save.ts";
import { Button } from "./button.tsx";
import { RefusalNotice, Skeleton } from "./notice.tsx";
import { type RowKeys, useRowKeys } from "./row-keys.ts";
import "./table.css";

export type Column<Row> = {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  readonly csv?: (row: Row) => CsvCell;
  readonly numeric?: boolean;
  /** Left out where the table is narrow or stands beside an open detail. */
  readonly wideOnly?: boolean;
};

type TableProps<Row> = {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly list: ListResult<Row>;
  readonly rowId: (row: Row) => string;
  readonly rowHref?: (row: Row) => string;
  readonly openId?: string | undefined;
  readonly empty: ReactNode;
  readonly keys?: RowKeys;
  readonly chosen?: ReadonlySet<string>;
};

export function Table<Row>(props: TableProps<Row>): ReactNode {
  const { list, label, empty, columns } = props;
  if (list.isError && list.data === undefined)
    return <RefusalNotice refusal={refusalFrom(list.error)} title={`${label} could not be read.`} />;
  if (list.data === undefined) return <Skeleton label={`Reading: ${label}`} />;
  const { rows, total } = list.data;
  if (rows.length === 0) return empty;
  return (
    <div className="table-box">
      <Rows {...props} rows={rows} />
      <div className="table-foot no-print">
        <span className="quiet small">
          {rows.length < total
            ? `${rows.length} of ${countText(total, "entry", "entries")}`
            : countText(total, "entry", "entries")}
        </span>
        {list.hasNextPage && (
          <Button look="quiet" busy={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
            Show more
          </Button>
        )}
        <Button look="quiet" icon={Download} onPress={() => saveCsv(label, columns, rows)}>
          Save as CSV
        </Button>
      </div>
    </div>
  );
}

function Rows<Row>({
  label,
  columns,
  rows,
  rowId,
  rowHref,
  openId,
  keys,
  chosen,
}: TableProps<Row> & { readonly rows: readonly Row[] }): ReactNode {
  const box = useRef<HTMLTableElement>(null);
  useRowKeys(box, keys ?? {});
  // The roles are said because cards change `display`, and browsers then forget that this is a table.
  return (
    <table className="table" ref={box} role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.title} role="columnheader" scope="col" {...columnMarks(column)}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr
            key={rowId(row)}
            role="row"
            data-row={rowId(row)}
            data-open={rowId(row) === openId || undefined}
            data-chosen={chosen?.has(rowId(row)) || undefined}
          >
            {columns.map((column, index) => (
              <td key={column.title} role="cell" data-title={column.title} {...columnMarks(column)}>
                {index === 0 && rowHref !== undefined ? (
                  <a href={rowHref(row)} className="row-link" aria-current={rowId(row) === openId || undefined}>
                    {chosen?.has(rowId(row)) && <span className="hidden-text">Selected: </span>}
                    {column.cell(row)}
                  </a>
                ) : (
                  column.cell(row)
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function columnMarks<Row>({ numeric, wideOnly }: Column<Row>): Readonly<Record<string, true | undefined>> {
  return { "data-numeric": numeric || undefined, "data-wide-only": wideOnly || undefined };
}

function saveCsv<Row>(label: string, columns: readonly Column<Row>[], rows: readonly Row[]): void {
  const told = columns.filter((column) => column.csv !== undefined);
  const cells = rows.map((row) => told.map((column) => column.csv?.(row) ?? null));
  saveText(
    `${label.toLowerCase().replaceAll(/\W+/g, "-")}.csv`,
    csvText(
      told.map((column) => column.title),
      cells,
    ),
    "text/csv",
  );
}
