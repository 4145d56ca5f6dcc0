// The page that somebody sees whose program was refused: why, and how to get what they need. No sign-in needed.

import type { ReactNode } from "react";
import type { Me } from "../../../../src/wire/api/v1/person.ts";
import { ButtonLink } from "../../design/button.tsx";
import { Notice } from "../../design/notice.tsx";
import { Page } from "../../design/page.tsx";
import { GateBlockTable } from "./gate-block-table.tsx";
import { OwnBlocks } from "./own-blocks.tsx";
import "./why-blocked.css";

export function WhyBlockedPage({ me }: { readonly me: Me | undefined }): ReactNode {
  return (
    <Page
      title="Why peer-to-peer is blocked here, and how to get what you need"
      lead="BitTorrent, eMule and Soulseek are refused on this network unless somebody asked and somebody else approved. Asking takes two minutes."
      actions={
        <ButtonLink href="/ask" look="primary">
          Ask for a transfer
        </ButtonLink>
      }
    >
      {me === undefined ? <SignInFirst /> : <OwnBlocks me={me} />}
      {me?.abilities.includes("run-gate") === true && <GateBlockTable />}
      <div className="prose">
        <h2>How to get what you need</h2>
        <ol>
          <li>
            <strong>Ask.</strong> Paste the magnet link or drop the .torrent file, and say in a sentence what it is for.
          </li>
          <li>
            <strong>Somebody decides.</strong> A reviewer sees exactly what would be opened, for whom and until when.
            You are told the decision and its reason.
          </li>
          <li>
            <strong>Your computer fetches it.</strong> The approval opens exactly this content, on your device, for the
            time that was agreed, at full speed.
          </li>
          <li>
            <strong>It is scanned.</strong> What arrives is held until a scanner has looked at every file. Clean files
            land in your library.
          </li>
        </ol>

        <h2>Why it is blocked</h2>
        <p>
          In a peer-to-peer network every computer is a server too. That makes it the cheapest way to move large files,
          and it has five dangers:
        </p>
        <ul>
          <li>viruses travel from user to user, and backdoors carry the names of popular files;</li>
          <li>nobody checks who may reach what;</li>
          <li>whole folders are shared by accident;</li>
          <li>stolen data leaves by the same way without being noticed;</li>
          <li>one busy computer can fill the line that everybody shares.</li>
        </ul>
        <p>
          A general ban would be simple, and it would stop good work. So the rule is: refused until asked for, and open
          for exactly what was approved.
        </p>

        <h2>What this means for your program</h2>
        <dl className="prose-terms">
          <dt>It says “connecting” and nothing happens</dt>
          <dd>
            The network refuses its packets. Ask for the content here, or run <code>swarmgate doctor</code>: it names
            the rule that stops you.
          </dd>
          <dt>You have a grant and it still does not work</dt>
          <dd>
            A grant opens one device. Check under “You and your devices” that it is this one, and that the grant has not
            ended.
          </dd>
          <dt>It is urgent</dt>
          <dd>
            File the request and ring the service desk with its number (R- and four digits). Reviewers can approve it in
            a minute.
          </dd>
        </dl>

        <h2>What is kept on record</h2>
        <p>
          Who asked for what and why, who decided, what was transferred and what the scanner found. The record cannot be
          changed afterwards without it showing. Other things that you do on the network are no part of it.
        </p>
      </div>
    </Page>
  );
}

function SignInFirst(): ReactNode {
  return (
    <Notice title="Sign in to see what is blocked on your own devices, and by which rule">
      <p>
        <a href="/sign-in/why-blocked">Sign in</a>
      </p>
    </Notice>
  );
}
