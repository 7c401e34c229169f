// Before the first test: the command and the tools, each as one file of JavaScript, which a process of its own starts
// several times sooner than the sources. package.json and node_modules lie where they lie for the sources.
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of what was built: src/cli/main.js, tools/NAME.js. */
    readonly built: string;
  }
}

/** Whatever tests start in a process of its own. */
const programs = [
  "src/cli/main.ts",
  ...["check-snippets", "check-stages", "check-torch", "loss-curve", "test-browser"].map(
    (name) => `tools/${name}.ts`,
  ),
  "test/node/lock-holder.ts",
  "test/program/search.ts",
];

export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "rondo-built-"));
  copyFileSync("package.json", join(folder, "package.json"));
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  // What cannot be built is said, and then fails those tests alone that start it.
  const make = () =>
    build({
      entryPoints: programs,
      outdir: folder,
      outbase: ".",
      ...({ bundle: true, splitting: true, format: "esm", platform: "node", target: "node20" } as const),
      packages: "external",
      logLevel: "error",
    }).catch(() => {});
  await make();
  project.onTestsRerun(async () => {
    await make();
  });
  project.provide("built", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
