// What will happen, said before anything is sent: from the policy, and from what was approved and released before.

import { useQuery } from "@tanstack/react-query";
import { BadgeCheck, Ban, type LucideIcon, PackageCheck, Scale } from "lucide-react";
import type { ReactNode } from "react";
import type { Preview, RequestDraft } from "../../../../src/wire/api/v1/request.ts";
import { KEYS } from "../../api/cache.ts";
import { call, refusalFrom } from "../../api/call.ts";
import { Moment } from "../../design/moment.tsx";
import { Notice, RefusalNotice } from "../../design/notice.tsx";
import type { Tone } from "../../design/states.ts";
import { countText } from "../../format/bytes.ts";
import { type Draft, durationSecondsOf } from "./draft.ts";

type Prediction = { readonly title: string; readonly tone: Tone; readonly icon: LucideIcon };
const PREDICTIONS: Readonly<Record<Preview["outcome"], Prediction>> = {
  "released-already": { title: "You have this already", tone: "clean", icon: PackageCheck },
  "granted-already": { title: "You may fetch this already", tone: "clean", icon: BadgeCheck },
  "needs-review": { title: "A reviewer will decide", tone: "accent", icon: Scale },
  refused: { title: "The policy refuses this", tone: "infected", icon: Ban },
};

function usePreview(draft: Draft, deviceId: string | undefined) {
  const body: RequestDraft = {
    direction: draft.direction,
    application: "bittorrent",
    durationSeconds: durationSecondsOf(draft),
    ...(draft.torrent === undefined ? {} : { torrentId: draft.torrent.torrentId }),
    ...(deviceId === undefined ? {} : { deviceId }),
  };
  return useQuery({
    queryKey: [...KEYS.requests, "preview", body],
    queryFn: () => call<Preview>("POST", "/requests/preview", { body }),
    enabled: draft.torrent !== undefined,
    placeholderData: (before) => before,
  });
}

export function Outcome({
  draft,
  deviceId,
}: {
  readonly draft: Draft;
  readonly deviceId: string | undefined;
}): ReactNode {
  const preview = usePreview(draft, deviceId);
  if (draft.torrent === undefined) {
    return (
      <p className="quiet">
        Once you have said what you need, this tells you what will happen: whether you have it already, who decides, and
        by which rule.
      </p>
    );
  }
  if (preview.isError)
    return <RefusalNotice refusal={refusalFrom(preview.error)} title="What will happen cannot be said." />;
  if (preview.data === undefined) return <p className="quiet">Looking at what was approved before…</p>;
  const { outcome, why, rule, approvals, similar } = preview.data;
  const { title, tone, icon } = PREDICTIONS[outcome];
  const own = outcome.endsWith("-already") ? similar.find((one) => one.mine) : undefined;
  return (
    <div className="stack">
      <Notice title={title} tone={tone} icon={icon}>
        <p>{why}</p>
        {own !== undefined && (
          <p>
            <a href={`/requests/${own.requestId}`}>Open {own.requestId}</a>
          </p>
        )}
        {approvals > 1 && <p>{countText(approvals, "person has", "people have")} to approve it.</p>}
        <p className="quiet small">
          Rule: <code>{rule}</code>
        </p>
      </Notice>
      {similar.length > 0 && <Similar similar={similar} />}
    </div>
  );
}

function Similar({ similar }: { readonly similar: Preview["similar"] }): ReactNode {
  return (
    <div>
      <h3 className="small">Asked before</h3>
      <ul role="list" className="small">
        {similar.map((one) => (
          <li key={one.requestId}>
            {one.mine ? <a href={`/requests/${one.requestId}`}>{one.requestId}</a> : one.requestId}:{" "}
            {one.transferState ?? one.grantState ?? one.state}, <Moment ms={one.askedAtMs} away />
          </li>
        ))}
      </ul>
    </div>
  );
}
