// How the tests run: every test/**/*.test.ts, with the coverage of src/ summed up at the end. The examples, which import
// "rondo" as users do, are tested on the sources.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^rondo$/, replacement: source("index.ts") },
      { find: /^rondo\/node$/, replacement: source("node/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/built.ts"],
    setupFiles: ["test/setup.ts"],
    // One fewer, the default, would leave one of two processors idle.
    maxWorkers: "100%",
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      reporter: ["text-summary"],
      // A little below what the tests cover: new code comes with its tests.
      thresholds: { statements: 98, branches: 94, functions: 98.5, lines: 98.5 },
    },
  },
});
