// One transfer: the sentence why it is as fast as it is, its pieces, its rates, its peers, and what can be done.

import { Pause, Play, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { TransferCommand } from "../../../../src/domain/transfer.ts";
import type { Transfer } from "../../../../src/wire/api/v1/transfer.ts";
import { useAction } from "../../api/action.ts";
import { KEYS, renew } from "../../api/cache.ts";
import { call } from "../../api/call.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { Moment } from "../../design/moment.tsx";
import { RefusalNotice } from "../../design/notice.tsx";
import { Facts, Section } from "../../design/page.tsx";
import { Path } from "../../design/path.tsx";
import { TRANSFER_SIGNS } from "../../design/states.ts";
import { Status } from "../../design/status.tsx";
import { rateText, sizeText } from "../../format/bytes.ts";
import { durationText } from "../../format/duration.ts";
import { Peers } from "./peers.tsx";
import { PieceCanvas } from "./piece-canvas.tsx";
import { Progress } from "./progress.tsx";
import { RateGraph } from "./rate-graph.tsx";

const RUNNING: ReadonlySet<Transfer["state"]> = new Set(["waiting", "fetching"]);
const REMOVABLE: ReadonlySet<Transfer["state"]> = new Set(["waiting", "fetching", "paused", "failed"]);

export function TransferView({ transfer }: { readonly transfer: Transfer }): ReactNode {
  return (
    <>
      <div className="transfer-now">
        <div className="transfer-figures">
          <Status sign={TRANSFER_SIGNS[transfer.state]} />
          <strong>
            {transfer.bytesTotal === null
              ? sizeText(transfer.bytesDone)
              : `${sizeText(transfer.bytesDone)} of ${sizeText(transfer.bytesTotal)}`}
          </strong>
          <span className="quiet">{timeLeft(transfer)}</span>
        </div>
        <Progress transfer={transfer} />
        <p className="outside">{transfer.why}</p>
      </div>
      <Commands transfer={transfer} />
      <Path steps={transfer.path} label={`The path of ${transfer.requestId}`} told={false} />
      {transfer.pieces !== null && transfer.pieceCount !== null && transfer.pieceCount > 0 && (
        <Section title="Pieces">
          <PieceCanvas pieces={transfer.pieces} pieceCount={transfer.pieceCount} />
        </Section>
      )}
      <Section
        title="Rate"
        aside={<span className="quiet">{`${rateText(transfer.rateDown)} down, ${rateText(transfer.rateUp)} up`}</span>}
      >
        <RateGraph id={transfer.id} />
      </Section>
      <Peers peers={transfer.peers} />
      <Section title="About this transfer">
        <Facts
          facts={[
            ["Who", <span className="outside">{transfer.person.name}</span>],
            ["Device", <span className="outside">{transfer.device.name}</span>],
            ["Started", <Moment ms={transfer.startedAtMs} />],
            ["Last report", <Moment ms={transfer.updatedAtMs} away />],
            ["Request", <a href={`/requests/${transfer.requestId}`}>{transfer.requestId}</a>],
            ["Grant", <a href={`/grants/${transfer.grantId}`}>{transfer.grantId}</a>],
            transfer.libraryPath === null
              ? undefined
              : ["In the library", <span className="mono outside">{transfer.libraryPath}</span>],
            ["Info-hash", <span className="mono outside">{transfer.infoHash}</span>],
          ]}
        />
      </Section>
    </>
  );
}

function timeLeft({ state, bytesDone, bytesTotal, rateDown }: Transfer): string {
  if (bytesTotal === null || state !== "fetching" || rateDown === 0) return "";
  return `about ${durationText((bytesTotal - bytesDone) / rateDown)} left`;
}

function Commands({ transfer }: { readonly transfer: Transfer }): ReactNode {
  const [removing, setRemoving] = useState(false);
  const command = useAction(async (name: TransferCommand) => {
    await call("POST", `/transfers/${transfer.id}/${name}`);
    setRemoving(false);
    await renew(KEYS.transfers);
  });
  return (
    <div className="stack no-print">
      {command.refusal !== undefined && (
        <RefusalNotice refusal={command.refusal} title="The device did not get the command." />
      )}
      <div className="bar">
        {RUNNING.has(transfer.state) && (
          <Button icon={Pause} busy={command.busy} onPress={() => command.run("pause")}>
            Pause
          </Button>
        )}
        {transfer.state === "paused" && (
          <Button look="primary" icon={Play} busy={command.busy} onPress={() => command.run("resume")}>
            Resume
          </Button>
        )}
        {REMOVABLE.has(transfer.state) && (
          <Button look="danger" icon={Trash2} onPress={() => setRemoving(true)}>
            Remove
          </Button>
        )}
      </div>
      {removing && (
        <Dialog title="Remove this transfer?" onClose={() => setRemoving(false)}>
          <p>{`The ${sizeText(transfer.bytesDone)} that have arrived are deleted from the device. The grant stays, so it can be fetched again until it ends.`}</p>
          <div className="bar">
            <Button look="danger" busy={command.busy} onPress={() => command.run("remove")}>
              Remove it
            </Button>
            <Button look="quiet" onPress={() => setRemoving(false)}>
              Keep it
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
