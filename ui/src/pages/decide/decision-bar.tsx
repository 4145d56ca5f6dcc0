// Approve, narrow, deny, ask back: four buttons with their keys. Approving goes on to the next request.

import { BadgeCheck, Ban, CircleHelp, Scissors } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import type { RequestDetail } from "../../../../src/wire/api/v1/request.ts";
import { Button } from "../../design/button.tsx";
import { useKeys } from "../../design/row-keys.ts";
import { useToasts } from "../../design/undo.ts";
import { navigate } from "../../router/place.ts";
import { approve, askBack, deny } from "./decisions.ts";
import { NarrowDialog } from "./narrow-dialog.tsx";
import { ReasonDialog } from "./reason-dialog.tsx";

type DecisionBarProps = { readonly request: RequestDetail; readonly nextHref: string };
type Asking = "narrow" | "deny" | "ask" | undefined;

export function DecisionBar({ request, nextHref }: DecisionBarProps): ReactNode {
  const [asking, setAsking] = useState<Asking>();
  const deciding = useToasts().some(
    ({ action, at }) => action.subjects.includes(request.id) && at !== "refused" && at !== "done",
  );
  const actions = useMemo(() => {
    const can = (action: RequestDetail["actions"][number]): boolean => request.actions.includes(action) && !deciding;
    const approveIt = (): void => {
      approve(request);
      navigate(nextHref, { replace: true });
    };
    return {
      a: can("approve") ? approveIt : undefined,
      n: can("approve") ? () => setAsking("narrow") : undefined,
      d: can("deny") ? () => setAsking("deny") : undefined,
      q: can("ask") ? () => setAsking("ask") : undefined,
    };
  }, [request, deciding, nextHref]);
  useKeys(actions);
  const close = (): void => setAsking(undefined);
  const decided = (): void => {
    close();
    navigate(nextHref, { replace: true });
  };
  return (
    <div className="decide-bar no-print" role="group" aria-label="Decision">
      <Button
        look="primary"
        icon={BadgeCheck}
        shortcut="a"
        isDisabled={actions.a === undefined}
        onPress={() => actions.a?.()}
      >
        Approve
      </Button>
      <Button icon={Scissors} shortcut="n" isDisabled={actions.n === undefined} onPress={() => actions.n?.()}>
        Narrow
      </Button>
      <Button look="danger" icon={Ban} shortcut="d" isDisabled={actions.d === undefined} onPress={() => actions.d?.()}>
        Deny
      </Button>
      <Button
        look="quiet"
        icon={CircleHelp}
        shortcut="q"
        isDisabled={actions.q === undefined}
        onPress={() => actions.q?.()}
      >
        Ask back
      </Button>
      {deciding && <span className="quiet">Decided; you can still undo it below.</span>}
      {asking === "narrow" && <NarrowDialog request={request} onClose={close} onDone={decided} />}
      {asking === "deny" && (
        <ReasonDialog
          title={`Deny ${request.id}?`}
          says="The person reads your reason, and what they can do next. Nothing is opened."
          label="Why it is denied"
          word="Deny"
          look="danger"
          onClose={close}
          onReason={(reason) => {
            deny(request, reason);
            decided();
          }}
        />
      )}
      {asking === "ask" && (
        <ReasonDialog
          title={`Ask back about ${request.id}`}
          says="The request stays open. The person sees your question first thing, and their answer comes back to this queue."
          label="Your question"
          word="Send the question"
          look="primary"
          onClose={close}
          onReason={(reason) => {
            askBack(request, reason);
            decided();
          }}
        />
      )}
    </div>
  );
}
