// Signing in: with a name and password, or by a one-time link whose token stands behind the # and never in a log.

import { KeyRound } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import type { PathStepName } from "../../../../src/domain/path.ts";
import { useAction } from "../../api/action.ts";
import { signIn, signInByLink } from "../../api/session.ts";
import { Button } from "../../design/button.tsx";
import { TextField } from "../../design/field.tsx";
import { RefusalNotice } from "../../design/notice.tsx";
import { Page } from "../../design/page.tsx";
import { STEP_ICONS } from "../../design/steps.ts";
import { navigate, usePlace } from "../../router/place.ts";
import { PublicShell } from "../../shell/public-shell.tsx";
import "./sign-in.css";

const PATH_SENTENCES: readonly (readonly [step: PathStepName, before: string, word: string, after: string])[] = [
  ["ask", "", "Ask", " for what you need, and say why."],
  ["decide", "Somebody else ", "decides", ", usually within the day."],
  ["fetch", "Your computer ", "fetches", " it from many others at once."],
  ["hold", "What arrives is ", "held", ", and nobody can open it."],
  ["scan", "Every file is ", "scanned", "."],
  ["release", "What is clean is ", "released", " into your library."],
];

/** The one page that is worth coming back to and also stands open to strangers. */
const TO_BLOCKS = "/sign-in/why-blocked";

export function SignInPage(): ReactNode {
  const { path } = usePlace();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const sending = useAction(async () => {
    await signIn(login.trim(), password);
    if (path.startsWith("/sign-in")) navigate(path === TO_BLOCKS ? "/why-blocked" : "/", { replace: true });
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (login.trim() !== "" && password !== "") sending.run(undefined);
  };
  return (
    <div className="sign-in">
      <Page
        title="Sign in"
        narrow
        lead={
          path === "/" || path.startsWith("/sign-in")
            ? undefined
            : "You need to sign in to go on. What you typed is kept."
        }
      >
        <form className="stack" onSubmit={submit} noValidate>
          {sending.refusal !== undefined && <RefusalNotice refusal={sending.refusal} title="You are not signed in." />}
          <TextField
            label="Sign-in name"
            value={login}
            onChange={setLogin}
            autoComplete="username"
            required
            fault={tried && login.trim() === "" ? "Enter your sign-in name." : undefined}
          />
          <TextField
            label="Password"
            type="password"
            value={password}
            onChange={setPassword}
            autoComplete="current-password"
            required
            fault={tried && password === "" ? "Enter your password." : undefined}
          />
          <div className="bar">
            <Button look="primary" type="submit" busy={sending.busy}>
              Sign in
            </Button>
          </div>
          <p className="quiet small">
            No password yet, or forgotten? Ask your administrator for a one-time sign-in link.
          </p>
        </form>
      </Page>
      <aside className="sign-in-aside">
        <h2>Peer-to-peer, when it was asked for</h2>
        <ol role="list" className="sign-in-steps">
          {PATH_SENTENCES.map(([step, before, word, after]) => {
            const Icon = STEP_ICONS[step];
            return (
              <li key={step}>
                <span className="sign-in-mark">
                  <Icon aria-hidden="true" />
                </span>
                <span>
                  {before}
                  <strong>{word}</strong>
                  {after}
                </span>
              </li>
            );
          })}
        </ol>
      </aside>
    </div>
  );
}

export function SignInLinkPage({ token }: { readonly token: string }): ReactNode {
  const using = useAction(async () => {
    await signInByLink(token);
    navigate("/", { replace: true });
  });
  // Pressing is needed: programs that look at links in mail must not use the link up.
  return (
    <PublicShell>
      <Page title="Your sign-in link" narrow>
        <p>This link signs you in once. Press the button to use it now.</p>
        {using.refusal !== undefined && <RefusalNotice refusal={using.refusal} title="The link did not sign you in." />}
        <div className="bar">
          <Button look="primary" icon={KeyRound} busy={using.busy} onPress={() => using.run(undefined)}>
            Sign in with this link
          </Button>
          <a href="/sign-in">Use a password instead</a>
        </div>
      </Page>
    </PublicShell>
  );
}
