import { cpSync } from "node:fs";
import { defineConfig } from "vite";

// The client's service worker has to lie beside its page.
const worker = {
  name: "service-worker",
  closeBundle: () => cpSync("node_modules/hydrogen-view-sdk/lib-build/sw.js", "dist/sw.js"),
};
export default defineConfig({ build: { chunkSizeWarningLimit: 10_000, assetsInlineLimit: 0 }, plugins: [worker], publicDir: false });
