// One quiet line when the page does not hear the portal: what it shows may be old, and nothing is lost.

import { CloudOff } from "lucide-react";
import type { ReactNode } from "react";
import { useLine } from "../api/live.ts";

export function LineState(): ReactNode {
  const line = useLine();
  return (
    <div className="line-state" role="status">
      {line !== "open" && (
        <p>
          <CloudOff aria-hidden="true" />
          {line === "offline"
            ? "You are offline. What you see may be old; it renews itself when you are back."
            : "Reconnecting to the portal. What you see may be a little old; nothing is lost."}
        </p>
      )}
    </div>
  );
}
