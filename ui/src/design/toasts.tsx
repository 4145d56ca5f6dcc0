// Where undoable actions stand at the foot of the page: what will happen, how long it can be taken back, what came of it.

import { CircleAlert, CircleCheck, Hourglass } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { useNow } from "../world/clock.ts";
import { Button } from "./button.tsx";
import { useKeys } from "./row-keys.ts";
import { dismiss, hold, resume, sendNow, type Toast, useToasts } from "./undo.ts";
import "./toasts.css";

export function Toasts(): ReactNode {
  const toasts = useToasts();
  const last = toasts.findLast(({ at }) => at === "waiting" || at === "held");
  useKeys(useMemo(() => ({ z: last && (() => dismiss(last.key)) }), [last]));
  return (
    <section className="toasts no-print" aria-label="Actions just taken" aria-live="polite">
      {toasts.map((toast) => (
        <ToastCard key={toast.key} toast={toast} lastKey={last?.key} />
      ))}
    </section>
  );
}

function ToastCard({ toast, lastKey }: { readonly toast: Toast; readonly lastKey: number | undefined }): ReactNode {
  const { key, action } = toast;
  switch (toast.at) {
    case "waiting":
    case "held":
      return (
        <div
          className="toast"
          onMouseEnter={() => hold(key)}
          onMouseLeave={() => resume(key)}
          onFocus={() => hold(key)}
          onBlur={() => resume(key)}
        >
          <Hourglass aria-hidden="true" />
          <p>
            {action.says} <Countdown toast={toast} />
          </p>
          <Button look="plain" {...(toast.key === lastKey ? { shortcut: "z" } : {})} onPress={() => dismiss(key)}>
            Undo
          </Button>
          <Button look="quiet" onPress={() => void sendNow(key)}>
            Do it now
          </Button>
        </div>
      );
    case "sending":
      return (
        <div className="toast">
          <Hourglass aria-hidden="true" />
          <p>{action.says}</p>
        </div>
      );
    case "done":
      return (
        <div className="toast">
          <CircleCheck aria-hidden="true" />
          <p>{action.doneSays}</p>
        </div>
      );
    case "refused":
      return (
        <div className="toast" data-tone="infected">
          <CircleAlert aria-hidden="true" />
          <p>
            <strong>Not done: {action.subjects.join(", ")}.</strong> {toast.refusal.detail} {toast.refusal.next}
          </p>
          <Button look="quiet" onPress={() => dismiss(key)}>
            Close
          </Button>
        </div>
      );
  }
}

// Hidden from screen readers, which would read every second aloud.
function Countdown({ toast }: { readonly toast: Extract<Toast, { at: "waiting" | "held" }> }): ReactNode {
  const now = useNow(250);
  const restMs = toast.at === "held" ? toast.restMs : toast.untilMs - now;
  return (
    <span className="toast-count" aria-hidden="true">
      {toast.at === "held" ? "held" : `${Math.max(0, Math.ceil(restMs / 1000))} s`}
    </span>
  );
}
