// Runs the command `rondo` of the installed package from an example.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const root = dirname(createRequire(import.meta.url).resolve("rondo/package.json"));

/** Runs `rondo` to its end; where that was no good one, this process ends with the same code. */
export async function rondo(...words: readonly string[]): Promise<void> {
  const command = join(root, "dist", "cli", "main.js");
  const [code] = await once(spawn(process.execPath, [command, ...words], { stdio: "inherit" }), "close");
  if (code !== 0) process.exit(code ?? 1);
}

/** The same, of a command that prints one line of JSON: what it says. */
export async function rondoJson(...words: readonly string[]): Promise<unknown> {
  const command = join(root, "dist", "cli", "main.js");
  const child = spawn(process.execPath, [command, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  const [code] = await once(child, "close");
  if (code !== 0) process.exit(code ?? 1);
  return JSON.parse(text);
}
