// Runs a script of tools/ as a user does, in a process of its own, on a temporary directory made for one test.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A temporary directory that holds `files` (contents by path) and is removed when the test ends. */
export function temporaryTree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "rondo-test-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), contents);
  }
  return root;
}

/** The exit status of `tools/NAME.ts` and what it printed, line by line. */
export function runTool(name: string, ...args: string[]): { status: number | null; lines: string[] } {
  const result = spawnSync(process.execPath, ["--import", "tsx", `tools/${name}.ts`, ...args], {
    encoding: "utf8",
  });
  return { status: result.status, lines: (result.stdout + result.stderr).trimEnd().split("\n") };
}
