// Which page stands at the address, and who may see it: without a session the sign-in form shows in its place.

import type { ReactNode } from "react";
import type { Me } from "../../src/wire/api/v1/person.ts";
import { refusalFrom } from "./api/call.ts";
import { useMe } from "./api/session.ts";
import { ButtonLink } from "./design/button.tsx";
import { RefusalNotice } from "./design/notice.tsx";
import { Page } from "./design/page.tsx";
import { AskPage } from "./pages/ask/ask-page.tsx";
import { AuditPage } from "./pages/audit/audit-page.tsx";
import { DecidePage } from "./pages/decide/decide-page.tsx";
import { HomePage } from "./pages/home/home-page.tsx";
import { PeoplePage } from "./pages/people/people-page.tsx";
import { QuarantinePage } from "./pages/quarantine/quarantine-page.tsx";
import { GrantsPage } from "./pages/requests/grants-page.tsx";
import { RequestsPage } from "./pages/requests/requests-page.tsx";
import { linkToken } from "./pages/sign-in/link-token.ts";
import { SignInLinkPage, SignInPage } from "./pages/sign-in/sign-in-page.tsx";
import { TransfersPage } from "./pages/transfers/transfers-page.tsx";
import { WhyBlockedPage } from "./pages/why-blocked/why-blocked-page.tsx";
import { YouPage } from "./pages/you/you-page.tsx";
import { matchPath, type PathParams } from "./router/match.ts";
import { usePlace } from "./router/place.ts";
import { PublicShell } from "./shell/public-shell.tsx";
import { Shell } from "./shell/shell.tsx";

export type PageProps = { readonly me: Me; readonly openId: string | undefined };

const ROUTES: readonly (readonly [pattern: string, page: (props: PageProps) => ReactNode])[] = [
  ["/", HomePage],
  ["/ask", AskPage],
  ["/requests/:id?", RequestsPage],
  ["/grants/:id?", GrantsPage],
  ["/decide/:id?", DecidePage],
  ["/transfers/:id?", TransfersPage],
  ["/quarantine", QuarantinePage],
  ["/audit", AuditPage],
  ["/people", PeoplePage],
  ["/you", YouPage],
  ["/why-blocked", ({ me }) => <WhyBlockedPage me={me} />],
];

export function App(): ReactNode {
  const place = usePlace();
  const { path } = place;
  const me = useMe();
  const token = linkToken(place);
  if (token !== undefined) return <SignInLinkPage token={token} />;
  if (me.isPending) return null;
  if (me.data === undefined) {
    return (
      <PublicShell>
        <Page title="The portal does not answer" narrow>
          <RefusalNotice refusal={refusalFrom(me.error)} title="This page could not be opened." />
        </Page>
      </PublicShell>
    );
  }
  if (me.data === null)
    return <PublicShell>{path === "/why-blocked" ? <WhyBlockedPage me={undefined} /> : <SignInPage />}</PublicShell>;
  return (
    <Shell me={me.data}>
      <Routed path={path} me={me.data} />
    </Shell>
  );
}

function Routed({ path, me }: { readonly path: string; readonly me: Me }): ReactNode {
  for (const [pattern, PageAt] of ROUTES) {
    const params: PathParams | undefined = matchPath(pattern, path);
    if (params !== undefined) return <PageAt key={pattern} me={me} openId={params["id"]} />;
  }
  return (
    <Page title="There is no page here" narrow>
      <p>The address may be mistyped, or the page was moved. Nothing is lost.</p>
      <div className="bar">
        <ButtonLink href="/" look="primary">
          Go home
        </ButtonLink>
      </div>
    </Page>
  );
}
