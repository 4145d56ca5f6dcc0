// Every list of the pages: a real table, cards where it is narrow, j and k to move, x to select, CSV to take away.

import { Download } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { countText } from "../format/bytes.ts";
import { type CsvCell, csvText } from "../format/csv.ts";
import { saveText } from "../world/save.ts";
import { Button } from "./button.tsx";
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

/** A column of text, as a stranger may have written it. */
export function textColumn<Row>(
  title: string,
  text: (row: Row) => string,
  more: Pick<Column<Row>, "numeric" | "wideOnly"> & { readonly mono?: boolean } = {},
): Column<Row> {
  const { mono = false, ...rest } = more;
  const look = mono ? "outside mono" : "outside";
  return { title, cell: (row) => <span className={look}>{text(row)}</span>, csv: text, ...rest };
}

export type TableProps<Row> = {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowId: (row: Row) => string;
  readonly rowHref?: (row: Row) => string;
  readonly openId?: string | undefined;
  readonly keys?: RowKeys;
  readonly chosen?: ReadonlySet<string>;
  /** Of how many the rows are a part; undefined: they are all. */
  readonly total?: number;
  /** What leads to further rows. */
  readonly more?: ReactNode;
};

export function Table<Row>(props: TableProps<Row>): ReactNode {
  const { label, columns, rows, total = rows.length, more } = props;
  const count = countText(total, "entry", "entries");
  return (
    <div className="table-box">
      <Rows {...props} />
      <div className="table-foot no-print">
        <span className="quiet small">{rows.length < total ? `${rows.length} of ${count}` : count}</span>
        {more}
        <Button look="quiet" icon={Download} onPress={() => saveCsv(label, columns, rows)}>
          Save as CSV
        </Button>
      </div>
    </div>
  );
}

function Rows<Row>({ label, columns, rows, rowId, rowHref, openId, keys, chosen }: TableProps<Row>): ReactNode {
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
        {rows.map((row) => {
          const id = rowId(row);
          const picked = chosen?.has(id) === true;
          return (
            <tr
              key={id}
              role="row"
              data-row={id}
              data-open={id === openId || undefined}
              data-chosen={picked || undefined}
            >
              {columns.map((column, index) => (
                <td key={column.title} role="cell" data-title={column.title} {...columnMarks(column)}>
                  {index === 0 && rowHref !== undefined ? (
                    <a href={rowHref(row)} className="row-link" aria-current={id === openId || undefined}>
                      {picked && <span className="hidden-text">Selected: </span>}
                      {column.cell(row)}
                    </a>
                  ) : (
                    column.cell(row)
                  )}
                </td>
              ))}
            </tr>
          );
        })}
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
