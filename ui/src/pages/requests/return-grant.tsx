// Giving a grant back before it ends. It cannot be undone, so it is asked for with a reason.

import { type FormEvent, type ReactNode, useState } from "react";
import { useAction } from "../../api/action.ts";
import { KEYS, renew } from "../../api/cache.ts";
import { call } from "../../api/call.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { TextField } from "../../design/field.tsx";
import { RefusalNotice } from "../../design/notice.tsx";

type GrantEndingProps = { readonly grantId: string; readonly name: string };

export function ReturnGrant({ grantId, name }: GrantEndingProps): ReactNode {
  return (
    <EndGrant
      grantId={grantId}
      way="return"
      word="Return the grant"
      says={`“${name}” stops at once, and nothing more of it is fetched. Files that were released stay in your library. To go on later you would have to ask again.`}
      startReason="I no longer need it."
    />
  );
}

export function RevokeGrant({ grantId, name }: GrantEndingProps): ReactNode {
  return (
    <EndGrant
      grantId={grantId}
      way="revoke"
      word="Revoke the grant"
      says={`“${name}” stops within seconds on the person’s device, and its connections are closed. The person reads your reason.`}
      startReason=""
    />
  );
}

type EndGrantProps = {
  readonly grantId: string;
  readonly way: "return" | "revoke";
  readonly word: string;
  readonly says: string;
  readonly startReason: string;
};

function EndGrant({ grantId, way, word, says, startReason }: EndGrantProps): ReactNode {
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState(startReason);
  const ending = useAction(async () => {
    await call("POST", `/grants/${grantId}/${way}`, { body: { reason: reason.trim() } });
    setOpen(false);
    await renew(KEYS.grants, KEYS.requests, KEYS.transfers);
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (reason.trim() !== "") ending.run(undefined);
  };
  return (
    <>
      <Button look={way === "revoke" ? "danger" : "plain"} onPress={() => setOpen(true)}>
        {word}
      </Button>
      {open && (
        <Dialog title={`${word}?`} onClose={() => setOpen(false)}>
          <form className="stack" onSubmit={submit}>
            <p className="outside">{says}</p>
            {ending.refusal !== undefined && <RefusalNotice refusal={ending.refusal} title="Nothing was changed." />}
            <TextField label="Reason" value={reason} onChange={setReason} rows={2} required />
            <div className="bar">
              <Button look="danger" type="submit" busy={ending.busy} isDisabled={reason.trim() === ""}>
                {word}
              </Button>
              <Button look="quiet" onPress={() => setOpen(false)}>
                Keep it
              </Button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}
