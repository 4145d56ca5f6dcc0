// The entry of the pages: fonts, tokens, the router's ear on links, and the application.

import "@fontsource-variable/atkinson-hyperlegible-next/wght.css";
import "@fontsource-variable/atkinson-hyperlegible-mono/wght.css";
import "./design/tokens.css";
import "./design/base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { I18nProvider } from "react-aria-components";
import { createRoot } from "react-dom/client";
import { cache } from "./api/cache.ts";
import { App } from "./app.tsx";
import { sendBeforeLeaving } from "./design/undo.ts";
import { followLinks } from "./router/place.ts";
import { followSystemContrast } from "./world/appearance.ts";

followLinks();
followSystemContrast();
sendBeforeLeaving();

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <I18nProvider locale="en-GB">
      <QueryClientProvider client={cache}>
        <App />
      </QueryClientProvider>
    </I18nProvider>
  </StrictMode>,
);
