// A one-time sign-in link, shown once, to be given to its person.

import type { ReactNode } from "react";
import type { SignInLink } from "../../../../src/wire/api/v1/person.ts";
import { CopyText } from "../../design/copy-text.tsx";
import { Moment } from "../../design/moment.tsx";

export function LinkToGive({ link }: { readonly link: SignInLink }): ReactNode {
  return (
    <div className="stack">
      <p>
        Give this link to the person by a way that only they read. It works once, until <Moment ms={link.expiresAtMs} />
        , and is not shown again.
      </p>
      <CopyText label="Sign-in link" text={link.url} />
    </div>
  );
}
