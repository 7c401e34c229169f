// Runs the command `rondo`: in this process, or in one of its own that can be killed.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { inject } from "vitest";
import { rondo } from "../../src/cli/rondo.ts";
import { printed } from "../helpers/printed.ts";

/** Runs the command in this process: its exit code and what it printed. */
export async function run(...words: string[]): Promise<{ code: number; out: string; error: string }> {
  const { result: code, out, error } = await printed(() => rondo(words));
  return { code, out, error };
}

/** The words that start the command, in any folder. */
export const rondoCommand = () => [process.execPath, join(inject("built"), "src/cli/main.js")];

export interface Started {
  readonly child: ChildProcess;
  /** Resolves when the process has ended: the exit code, or the signal that ended it, and all that it printed. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; out: string; error: string }>;
  /** Resolves when the process has printed `text`, or ended. */
  printed(text: string): Promise<void>;
}

/** Starts the command in a process of its own, in `folder`; `shell` is what the shell does first. */
export function start(folder: string, words: readonly string[], shell = "true"): Started {
  const command = [...rondoCommand(), ...words];
  const child = spawn("bash", ["-c", `${shell} && exec "$@"`, "bash", ...command], { cwd: folder });
  let out = "";
  let error = "";
  child.stdout.on("data", (data) => {
    out += data;
  });
  child.stderr.on("data", (data) => {
    error += data;
  });
  const ended = new Promise<Awaited<Started["ended"]>>((done) => {
    child.on("close", (code, signal) => done({ code, signal, out, error }));
  });
  const printed = (text: string) =>
    new Promise<void>((done) => {
      const look = () => out.includes(text) && done();
      child.stdout.on("data", look);
      child.on("close", () => done());
      look();
    });
  return { child, ended, printed };
}
