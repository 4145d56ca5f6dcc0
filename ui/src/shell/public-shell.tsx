// What stands around the pages that need no sign-in.

import type { ReactNode } from "react";
import { Mark } from "./shell.tsx";
import "./shell.css";
import "./public-shell.css";

export function PublicShell({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <div className="public">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="public-head">
        <a className="shell-name" href="/">
          <Mark />
          Swarmgate
        </a>
        <nav aria-label="Pages" className="bar">
          <a href="/why-blocked">Why peer-to-peer is blocked</a>
          <a href="/">Sign in</a>
        </nav>
      </header>
      <main id="main" className="public-main">
        {children}
      </main>
    </div>
  );
}
