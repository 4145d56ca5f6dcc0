// Who the content comes from: addresses and the programs that they say they are.

import type { ReactNode } from "react";
import type { TransferPeer } from "../../../../src/wire/api/v1/transfer.ts";
import { Section } from "../../design/page.tsx";
import { type Column, Table, textColumn } from "../../design/table.tsx";
import { countText, rateText, shareText } from "../../format/bytes.ts";

const COLUMNS: readonly Column<TransferPeer>[] = [
  textColumn("Address", ({ address }) => address, { mono: true }),
  textColumn("Program", ({ client }) => client),
  textColumn("Has", ({ progress }) => (progress === undefined ? "" : shareText(progress, 1))),
  { title: "Down", cell: ({ rateDown = 0 }) => rateText(rateDown), csv: ({ rateDown = 0 }) => rateDown, numeric: true },
  { title: "Up", cell: ({ rateUp = 0 }) => rateText(rateUp), csv: ({ rateUp = 0 }) => rateUp, numeric: true },
  textColumn("By", ({ transport = "" }) => transport),
];

export function Peers({ peers }: { readonly peers: readonly TransferPeer[] }): ReactNode {
  return (
    <Section title={peers.length === 0 ? "No peers" : countText(peers.length, "peer")}>
      {peers.length === 0 ? (
        <p className="quiet">Nobody is connected at this moment.</p>
      ) : (
        <Table label="Peers" columns={COLUMNS} rows={peers} rowId={({ address }) => address} />
      )}
    </Section>
  );
}
