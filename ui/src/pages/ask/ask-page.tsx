// Asking: three questions on one page, as an institution's form has them, and what will happen beside them.

import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { RequestDetail } from "../../../../src/wire/api/v1/request.ts";
import { useAction } from "../../api/action.ts";
import { KEYS, renew } from "../../api/cache.ts";
import { call } from "../../api/call.ts";
import { useDevices, usePolicy } from "../../api/lists.ts";
import { readKnownTorrent } from "../../api/torrents.ts";
import type { PageProps } from "../../app.tsx";
import { Button } from "../../design/button.tsx";
import { ChoiceField } from "../../design/field.tsx";
import { Notice, RefusalNotice } from "../../design/notice.tsx";
import { Page } from "../../design/page.tsx";
import { navigate, usePlace } from "../../router/place.ts";
import { deviceOf, type Faults, faultsOf, requestOf } from "./draft.ts";
import { Outcome } from "./outcome.tsx";
import { TorrentSource } from "./torrent-source.tsx";
import { type DraftHold, useDraft } from "./use-draft.ts";
import { WhyFields } from "./why-fields.tsx";
import "./ask.css";

const DIRECTIONS = [
  {
    value: "download",
    word: "Download",
    says: "Fetch content onto a device of yours. It is scanned before you get it.",
  },
  { value: "share", word: "Share", says: "Let others fetch content from a device of yours, exactly what is listed." },
] as const;

export function AskPage({ me }: PageProps): ReactNode {
  const hold = useDraft(me.person.id);
  const { draft, change, clear } = hold;
  useDraftFromAddress(hold);
  const policy = usePolicy().data;
  const devices = (useDevices().data ?? []).filter(
    (device) => device.person.id === me.person.id && device.state === "active",
  );
  const [tried, setTried] = useState(false);
  const faults: Faults = tried ? faultsOf(draft, devices, policy?.version ?? me.policyVersion) : {};
  const summary = useRef<HTMLDivElement>(null);
  const device = deviceOf(draft, devices);
  const sending = useAction(async () => {
    if (device === undefined || draft.torrent === undefined) return;
    const filed = await call<RequestDetail>("POST", "/requests", {
      body: requestOf(draft, device, draft.torrent),
      headers: { "idempotency-key": draft.key },
    });
    clear();
    void renew(KEYS.requests);
    navigate(`/requests/${filed.id}`);
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    const missing = Object.keys(faultsOf(draft, devices, policy?.version ?? me.policyVersion));
    if (missing.length === 0) sending.run(undefined);
    else summary.current?.focus();
  };
  return (
    <Page
      title="Ask for a transfer"
      lead="Three questions. Somebody else looks at your answers and decides; you see each step, and nothing is opened before."
    >
      <form className="ask" onSubmit={submit} noValidate aria-label="Request">
        <div className="ask-questions">
          <div ref={summary} tabIndex={-1} className="ask-summary">
            <FaultSummary faults={faults} />
            {sending.refusal !== undefined && (
              <RefusalNotice refusal={sending.refusal} title="The request was not sent. What you typed is kept." />
            )}
          </div>
          <Question number={1} title="What do you want to do?">
            <ChoiceField
              label="What do you want to do?"
              labelled={false}
              value={draft.direction}
              onChange={(value) => change({ direction: value === "share" ? "share" : "download" })}
              choices={DIRECTIONS}
            />
          </Question>
          <Question number={2} title="What is it?">
            <TorrentSource
              torrent={draft.torrent}
              magnet={draft.magnet}
              fault={faults.torrent}
              onMagnet={(magnet) => change({ magnet })}
              onTorrent={(torrent) => change({ torrent })}
            />
          </Question>
          <Question number={3} title="Why, where and for how long?">
            <WhyFields draft={draft} change={change} devices={devices} policy={policy} faults={faults} />
          </Question>
        </div>
        <aside className="ask-outcome" aria-label="What will happen">
          <h2>What will happen</h2>
          <div aria-live="polite">
            <Outcome draft={draft} deviceId={device?.id} />
          </div>
          <Button look="primary" type="submit" busy={sending.busy}>
            Send the request
          </Button>
          <p className="quiet small">
            Your answers stay in this browser until they are sent. You can withdraw a request until it is decided.
          </p>
        </aside>
      </form>
    </Page>
  );
}

function Question({
  number,
  title,
  children,
}: {
  readonly number: number;
  readonly title: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <section className="ask-question" aria-labelledby={`question-${number}`}>
      <h2 id={`question-${number}`}>
        <span className="ask-number">{number}</span> {title}
      </h2>
      {children}
    </section>
  );
}

function FaultSummary({ faults }: { readonly faults: Faults }): ReactNode {
  const texts = Object.values(faults);
  if (texts.length === 0) return null;
  return (
    <Notice tone="infected" title="The request was not sent: something is missing." urgent>
      <ul>
        {texts.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </Notice>
  );
}

/** `/ask?magnet=…`, `/ask?torrent=…` and `/ask?device=…` begin the draft; the address is then cleared, so that a reload keeps the draft. */
function useDraftFromAddress({ change }: DraftHold): void {
  const { query } = usePlace();
  useEffect(() => {
    const values = new URLSearchParams(query);
    const [magnet, torrentId, deviceId] = [values.get("magnet"), values.get("torrent"), values.get("device")];
    if (magnet === null && torrentId === null && deviceId === null) return;
    navigate("/ask", { replace: true, keepFocus: true });
    if (deviceId !== null) change({ deviceId });
    if (magnet === null && torrentId === null) return;
    change({ torrent: undefined, ...(magnet === null ? {} : { magnet }) });
    if (torrentId === null) return;
    readKnownTorrent(torrentId).then(
      (torrent) => change({ torrent }),
      () => undefined,
    );
  }, [query, change]);
}
