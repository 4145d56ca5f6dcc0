// What can be done with several selected requests at once.

import { type ReactNode, useState } from "react";
import type { RequestSummary } from "../../../../src/wire/api/v1/request.ts";
import { Button } from "../../design/button.tsx";
import { countText } from "../../format/bytes.ts";
import { approveAll, denyAll } from "./decisions.ts";
import { ReasonDialog } from "./reason-dialog.tsx";

export function BulkBar({
  chosen,
  onClear,
}: {
  readonly chosen: readonly RequestSummary[];
  readonly onClear: () => void;
}): ReactNode {
  const [denying, setDenying] = useState(false);
  if (chosen.length === 0) return null;
  const all = countText(chosen.length, "request");
  return (
    <div className="decide-bulk" role="group" aria-label="Selected requests">
      <span>{all} selected</span>
      <Button
        look="primary"
        onPress={() => {
          approveAll(chosen);
          onClear();
        }}
      >
        Approve
      </Button>
      <Button look="danger" onPress={() => setDenying(true)}>
        Deny
      </Button>
      <Button look="quiet" onPress={onClear}>
        Select none
      </Button>
      {denying && (
        <ReasonDialog
          title={`Deny ${all}?`}
          says="Each person reads this reason."
          label="Why they are denied"
          word="Deny"
          look="danger"
          onClose={() => setDenying(false)}
          onReason={(reason) => {
            denyAll(chosen, reason);
            setDenying(false);
            onClear();
          }}
        />
      )}
    </div>
  );
}
