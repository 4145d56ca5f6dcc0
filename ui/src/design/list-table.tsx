// A list of the portal as a table: its shape while it is read, the reason when it cannot be, the next page on demand.

import type { ReactNode } from "react";
import { refusalFrom } from "../api/call.ts";
import type { ListResult } from "../api/lists.ts";
import { Button } from "./button.tsx";
import { RefusalNotice, Skeleton } from "./notice.tsx";
import { Table, type TableProps } from "./table.tsx";

type ListTableProps<Row> = Omit<TableProps<Row>, "rows" | "total" | "more"> & {
  readonly list: ListResult<Row>;
  readonly empty: ReactNode;
};

export function ListTable<Row>({ list, empty, ...table }: ListTableProps<Row>): ReactNode {
  if (list.isError && list.data === undefined)
    return <RefusalNotice refusal={refusalFrom(list.error)} title={`${table.label} could not be read.`} />;
  if (list.data === undefined) return <Skeleton label={`Reading: ${table.label}`} />;
  const { rows, total } = list.data;
  if (rows.length === 0) return empty;
  const more = list.hasNextPage && (
    <Button look="quiet" busy={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
      Show more
    </Button>
  );
  return <Table {...table} rows={rows} total={total} more={more} />;
}
