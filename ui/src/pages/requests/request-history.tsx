// Every step that a request took: who, when, why. An approval that no longer counts says so.

import type { ReactNode } from "react";
import type { RequestAction } from "../../../../src/domain/request.ts";
import type { RequestDetail } from "../../../../src/wire/api/v1/request.ts";
import { Moment } from "../../design/moment.tsx";

const ACTION_WORDS: Readonly<Record<RequestAction, string>> = {
  asked: "asked",
  edited: "changed the request",
  questioned: "asked back",
  approved: "approved",
  denied: "denied",
  withdrawn: "withdrew it",
  lapsed: "let it lapse",
};

export function RequestHistory({ history }: { readonly history: RequestDetail["history"] }): ReactNode {
  return (
    <ol role="list" className="request-history">
      {history.map((entry) => (
        <li key={`${entry.atMs} ${entry.action} ${entry.who}`}>
          <span>
            <strong className="outside">{entry.who}</strong> {ACTION_WORDS[entry.action]}
            {entry.void && <em> (no longer counts)</em>}
          </span>
          <span className="quiet small">
            <Moment ms={entry.atMs} />
          </span>
          {entry.reason !== "" && <p className="outside">{entry.reason}</p>}
        </li>
      ))}
    </ol>
  );
}
