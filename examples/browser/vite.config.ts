/** How Vite serves the page: with the headers by which it may share memory, and a policy that says what it may do. */

import { defineConfig } from "vite";

/** With these two, the page is cross-origin isolated, and threads may share memory. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** WebAssembly that is made while the page runs, and threads that start from a blob: Rondo needs no more. */
const policy = {
  "Content-Security-Policy":
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:",
};

/** `vite --mode plain` leaves the headers of isolation out: one thread does all the work then, and the page says why. */
export default defineConfig(({ mode }) => {
  const headers = mode === "plain" ? {} : isolation;
  return {
    server: { headers },
    // In development Vite writes styles and scripts into the page, which the policy forbids.
    preview: { headers: { ...headers, ...policy } },
    worker: { format: "es" },
  };
});
