// What the owner of a request can do with it: answer a question, withdraw it, give the grant back.

import { type FormEvent, type ReactNode, useState } from "react";
import type { RequestDetail } from "../../../../src/wire/api/v1/request.ts";
import { useAction } from "../../api/action.ts";
import { KEYS, renew } from "../../api/cache.ts";
import { call } from "../../api/call.ts";
import { Button } from "../../design/button.tsx";
import { TextField } from "../../design/field.tsx";
import { Notice, RefusalNotice } from "../../design/notice.tsx";
import { startUndoable } from "../../design/undo.ts";
import { ReturnGrant } from "./return-grant.tsx";

export function RequestActions({ request }: { readonly request: RequestDetail }): ReactNode {
  const withdraw = (): void =>
    startUndoable({
      subjects: [request.id],
      says: `Withdrawing ${request.id}.`,
      doneSays: `${request.id} is withdrawn.`,
      send: async (options) => {
        await call("POST", `/requests/${request.id}/withdraw`, { body: { version: request.version }, ...options });
        await renew(KEYS.requests);
      },
    });
  const withdrawable = request.actions.includes("withdraw");
  const returnable = request.grant?.state === "active" ? request.grant : undefined;
  return (
    <>
      {request.question !== null && <Answer request={request} question={request.question} />}
      {(withdrawable || returnable !== undefined) && (
        <div className="bar no-print">
          {withdrawable && <Button onPress={withdraw}>Withdraw the request</Button>}
          {returnable !== undefined && <ReturnGrant grantId={returnable.id} name={request.content.name} />}
        </div>
      )}
    </>
  );
}

function Answer({ request, question }: { readonly request: RequestDetail; readonly question: string }): ReactNode {
  const [answer, setAnswer] = useState("");
  const sending = useAction(async () => {
    const reason = `${request.reason}\n\n${answer.trim()}`;
    await call("PATCH", `/requests/${request.id}`, { body: { version: request.version, reason } });
    await renew(KEYS.requests);
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (answer.trim() !== "") sending.run(undefined);
  };
  return (
    <Notice tone="suspicious" title="A reviewer asks you">
      <p className="outside">“{question}”</p>
      <form className="stack" onSubmit={submit}>
        {sending.refusal !== undefined && <RefusalNotice refusal={sending.refusal} title="The answer was not sent." />}
        <TextField
          label="Your answer"
          hint="It is added to your reason, and the request is decided with it."
          value={answer}
          onChange={setAnswer}
          rows={3}
        />
        <div className="bar">
          <Button look="primary" type="submit" busy={sending.busy} isDisabled={answer.trim() === ""}>
            Send the answer
          </Button>
        </div>
      </form>
    </Notice>
  );
}
