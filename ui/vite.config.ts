// Builds the portal's pages into ui/dist: self-contained files that a strict content security policy can serve.

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const PORTAL_URL = "http://127.0.0.1:7700";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: ["chrome123", "firefox121", "safari17.5"],
    // No data: URL anywhere, so that the policy can say 'self' and nothing else.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": PORTAL_URL, "/tracker": PORTAL_URL } },
});
