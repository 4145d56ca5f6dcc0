// A state as its icon and its word; the colour only underlines them.

import type { ReactNode } from "react";
import type { Sign } from "./states.ts";
import "./status.css";

export function Status({ sign }: { readonly sign: Sign }): ReactNode {
  const Icon = sign.icon;
  return (
    <span className="status" data-tone={sign.tone}>
      <Icon aria-hidden="true" />
      {sign.word}
    </span>
  );
}
