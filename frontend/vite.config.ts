import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import preact from "@preact/preset-vite";
import { defineConfig } from "vitest/config";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What pages load. `pages.ts` serves the server-rendered ones, where there is something for it to do. */
const entries = ["src/workspace/main.tsx", "src/pages.ts"].map(at).filter(existsSync);

export default defineConfig({
  // Django serves what is built here; its pages find the hashed names in the manifest.
  base: "/static/dist/",
  plugins: [preact()],
  build: {
    outDir: at("../static/dist"),
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    // A strict content policy: nothing inlined into scripts or styles, no polyfill that is one.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: entries },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
    testTimeout: 45_000,
    sequence: { shuffle: true },
  },
});
