// Runs a script of tools/ in a process of its own, as built for the tests: one that test/built.ts lists.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { inject } from "vitest";

/** The exit status of `tools/NAME.ts` and what it printed, line by line. */
export function runTool(name: string, ...args: string[]): { status: number | null; lines: string[] } {
  const result = spawnSync(process.execPath, [join(inject("built"), `tools/${name}.js`), ...args], {
    encoding: "utf8",
  });
  return { status: result.status, lines: (result.stdout + result.stderr).trimEnd().split("\n") };
}
