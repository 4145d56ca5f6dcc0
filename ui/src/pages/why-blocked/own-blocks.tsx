// What a gate blocks of the reader's own devices, now: what happened, why, and how to get what they need.

import { ShieldCheck } from "lucide-react";
import type { ReactNode } from "react";
import type { GateBlocks } from "../../../../src/wire/api/v1/gate.ts";
import type { Me } from "../../../../src/wire/api/v1/person.ts";
import { refusalFrom } from "../../api/call.ts";
import { useBlocks, useDevices } from "../../api/lists.ts";
import { ButtonLink } from "../../design/button.tsx";
import { Moment } from "../../design/moment.tsx";
import { Empty, RefusalNotice, Skeleton } from "../../design/notice.tsx";
import { Facts, Section } from "../../design/page.tsx";
import { countText } from "../../format/bytes.ts";
import { applicationWord, BLOCK_DEEDS, BLOCK_NEXT, BLOCK_SIGNS, BLOCK_WHY } from "./block-words.ts";

type Block = GateBlocks["blocks"][number];

export function OwnBlocks({ me }: { readonly me: Me }): ReactNode {
  const blocks = useBlocks("mine");
  const devices = useDevices().data ?? [];
  const nameOf = (block: Block): string =>
    devices.find((device) => device.id === block.deviceId)?.name ?? `the address ${block.address}`;
  if (blocks.data === undefined) {
    return blocks.isError ? (
      <RefusalNotice refusal={refusalFrom(blocks.error)} title="What is blocked on your devices could not be read." />
    ) : (
      <Skeleton rows={3} label="Reading what is blocked on your devices" />
    );
  }
  const own = devices.filter((device) => device.person.id === me.person.id && device.state === "active");
  return (
    <div aria-live="polite">
      {blocks.data.blocks.length === 0 ? (
        <NothingBlocked askedFrom={blocks.data.askedFrom} devices={own.length} />
      ) : (
        <Section title="Blocked on your devices now">
          <ul role="list" className="blocks">
            {blocks.data.blocks.map((block) => (
              <li key={`${block.gate} ${block.address} ${block.application} ${block.treatment}`}>
                <OwnBlock block={block} on={nameOf(block)} />
              </li>
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

function OwnBlock({ block, on }: { readonly block: Block; readonly on: string }): ReactNode {
  const { icon: Icon, tone } = BLOCK_SIGNS[block.treatment];
  const ask = block.deviceId === null ? "/ask" : `/ask?device=${encodeURIComponent(block.deviceId)}`;
  return (
    <article className="block" data-tone={tone}>
      <Icon aria-hidden="true" />
      <div className="block-body">
        <h3 className="outside">
          {applicationWord(block.application)} on {on} {BLOCK_DEEDS[block.treatment]}
        </h3>
        <p>
          Since <Moment ms={block.sinceMs} />, last <Moment ms={block.lastMs} away />.
        </p>
        <dl className="block-reasons">
          <dt>Why</dt>
          <dd>
            {BLOCK_WHY[block.treatment]} The rule: <span className="outside">{block.rule}</span>
          </dd>
          <dt>Recognised by</dt>
          <dd className="outside">{block.why.sentence}</dd>
          <dt>What you can do</dt>
          <dd>{BLOCK_NEXT[block.treatment]}</dd>
        </dl>
        <div className="bar no-print">
          <ButtonLink href={ask}>Ask for what you need</ButtonLink>
        </div>
        <details className="small">
          <summary>Technical detail</summary>
          <Facts
            facts={[
              ["Gate", <span className="outside">{block.gate}</span>],
              ["Address", <span className="mono">{block.address}</span>],
              ["Reason", <code>{block.why.code}</code>],
              [
                "Met",
                `${countText(block.flows, "connection", "connections")}, ${countText(block.packets, "packet", "packets")}`,
              ],
            ]}
          />
        </details>
      </div>
    </article>
  );
}

type NothingProps = { readonly askedFrom: string; readonly devices: number };

function NothingBlocked({ askedFrom, devices }: NothingProps): ReactNode {
  const whose = devices === 0 ? "" : "of your devices, or ";
  return (
    <Empty icon={ShieldCheck} title="Nothing of yours is blocked right now">
      <p>
        In the last hour no gate has refused traffic {whose}of the address <span className="mono">{askedFrom}</span>,
        from which you look. If a program still does not work, run <code>swarmgate doctor</code> on its computer: it
        checks the way step by step.
      </p>
      {devices === 0 && (
        <p>
          No device of yours has joined, so blocks are only found by your address. <a href="/you">Add a device</a>
        </p>
      )}
    </Empty>
  );
}
