// For those who run the gates: everything that they block now, whoever's it is.

import { Waypoints } from "lucide-react";
import type { ReactNode } from "react";
import type { GateBlocks } from "../../../../src/wire/api/v1/gate.ts";
import { refusalFrom } from "../../api/call.ts";
import { useBlocks, useDevices } from "../../api/lists.ts";
import { Moment } from "../../design/moment.tsx";
import { Empty, RefusalNotice, Skeleton } from "../../design/notice.tsx";
import { Section } from "../../design/page.tsx";
import { Status } from "../../design/status.tsx";
import { type Column, Table, textColumn } from "../../design/table.tsx";
import { fullMomentText } from "../../format/moment.ts";
import { applicationWord, BLOCK_SIGNS } from "./block-words.ts";

type Block = GateBlocks["blocks"][number];

export function GateBlockTable(): ReactNode {
  const { data, error, isError } = useBlocks("all");
  const devices = useDevices().data ?? [];
  const owners = new Map(devices.map((device) => [device.id, `${device.name}, ${device.person.name}`]));
  return (
    <Section title="What the gates block now">
      {data === undefined ? (
        isError ? (
          <RefusalNotice refusal={refusalFrom(error)} title="What the gates block could not be read." />
        ) : (
          <Skeleton rows={4} label="Reading what the gates block" />
        )
      ) : data.blocks.length === 0 ? (
        <Empty icon={Waypoints} title="No gate has refused anything in the last hour">
          <p>
            A gate reports here what it refuses while it enforces. If you expect something, look whether it runs:{" "}
            <code>swarmgate gate rules</code> on the router.
          </p>
        </Empty>
      ) : (
        <Table
          label="Blocked by the gates"
          columns={columnsOf((block) => owners.get(block.deviceId ?? "") ?? block.deviceId ?? "no known device")}
          rows={data.blocks}
          rowId={(block) => `${block.gate} ${block.address} ${block.application} ${block.treatment}`}
        />
      )}
    </Section>
  );
}

function columnsOf(owner: (block: Block) => string): readonly Column<Block>[] {
  return [
    textColumn("Application", ({ application }) => applicationWord(application)),
    {
      title: "Became",
      cell: ({ treatment }) => <Status sign={BLOCK_SIGNS[treatment]} />,
      csv: ({ treatment }) => BLOCK_SIGNS[treatment].word,
    },
    textColumn("Address", ({ address }) => address, { mono: true }),
    textColumn("Device", owner),
    textColumn("Rule", ({ rule }) => rule),
    textColumn("Why", ({ why }) => why.sentence, { wideOnly: true }),
    textColumn("Gate", ({ gate }) => gate, { wideOnly: true }),
    textColumn("Connections", ({ flows }) => String(flows), { numeric: true, wideOnly: true }),
    {
      title: "Last",
      cell: ({ lastMs }) => <Moment ms={lastMs} away />,
      csv: ({ lastMs }) => fullMomentText(lastMs),
    },
  ];
}
