// What stands around the pages that need no sign-in.

import type { ReactNode } from "react";
import { usePlace } from "../router/place.ts";
import { Mark } from "./shell.tsx";
import "./shell.css";
import "./public-shell.css";

export function PublicShell({ children }: { readonly children: ReactNode }): ReactNode {
  const { path } = usePlace();
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
          {path === "/why-blocked" ? <a href="/">Sign in</a> : <a href="/why-blocked">Why peer-to-peer is blocked</a>}
        </nav>
      </header>
      <main id="main" className="public-main">
        {children}
      </main>
    </div>
  );
}
