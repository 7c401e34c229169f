/** Bundles of Rondo, by esbuild, as text. */

import { build } from "esbuild";

export interface BundleOptions {
  readonly format: "esm" | "cjs" | "iife";
  readonly minify?: boolean;
  /** What a script calls its exports. */
  readonly globalName?: string;
  /** Modules of the platform, which are not bundled. */
  readonly external?: string[];
}

/** A module that imports from "rondo", or from files of the repository, bundled with all that it needs. */
export async function bundle(source: string, options: BundleOptions): Promise<string> {
  const { outputFiles, warnings } = await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: "ts" },
    alias: { rondo: `${process.cwd()}/src/index.ts` },
    bundle: true,
    write: false,
    target: "es2022",
    logLevel: "silent",
    ...options,
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join("; "));
  return (outputFiles[0] as { text: string }).text;
}

/** The bundle that exports `probe`. */
export function bundledProbe(options: BundleOptions): Promise<string> {
  return bundle('export { probe } from "./test/platform/probe.ts";', options);
}
