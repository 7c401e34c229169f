// Runs a script of tools/ as a user does, in a process of its own.
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
