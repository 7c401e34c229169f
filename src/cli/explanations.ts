/** Where explanations go: pictures in a folder that is there when all are, or drawn in the terminal. */

import { relative, resolve, sep } from "node:path";
import type { Drawing } from "../draw/charts/drawing.ts";
import { UsageError } from "../errors.ts";
import { breather } from "../long-work.ts";
import { untilInterrupted } from "../node/interruption.ts";
import { NewFolder } from "../node/new-folder.ts";
import { Interruption } from "./exit.ts";
import { standardOutput } from "./output.ts";

/** A folder of explanations that waits for what is written beside it. */
export interface WaitingFolder {
  /** Aborted by Ctrl-C. */
  readonly stopped: AbortSignal;
  complete(): void;
  /** Leaves nothing of it. */
  abandon(): void;
}

/** Writes a picture of each row: 1.svg, 2.svg ... Throws Interruption where it is stopped, and then leaves nothing. */
export async function writeExplanations(
  drawings: AsyncIterable<Drawing>,
  path: string,
): Promise<WaitingFolder> {
  const folder = new NewFolder(path);
  const { signal, end } = untilInterrupted();
  const abandon = () => {
    folder.abandon();
    end();
  };
  const breathe = breather();
  try {
    let row = 0;
    for await (const drawing of drawings) {
      if (signal.aborted) throw new Interruption(`stopped: nothing was written to ${path}`);
      folder.write(`${++row}.svg`, new TextEncoder().encode(drawing.svg()));
      await breathe();
    }
  } catch (error) {
    abandon();
    throw error;
  }
  const complete = () => {
    folder.complete();
    end();
  };
  return { stopped: signal, complete, abandon };
}

/** How the terminal shows drawings. */
export function terminal(): { readonly columns: number; readonly color: boolean } {
  const { columns = 80, isTTY } = process.stdout;
  return { columns: Math.max(30, columns), color: isTTY && process.stdout.hasColors() };
}

/** Draws each row in the terminal, with its number. */
export async function printExplanations(drawings: AsyncIterable<Drawing>): Promise<void> {
  const options = terminal();
  const output = standardOutput();
  let row = 0;
  for await (const drawing of drawings) await output.line(`${++row}\n${drawing.text(options)}`);
}

/** Throws UsageError where a file would be written into the folder of explanations, which is made new. */
export function requireOutside(name: string, written: string | undefined, folder: string | undefined): void {
  if (written === undefined || folder === undefined) return;
  const way = relative(resolve(folder), resolve(written));
  if (way === ".." || way.startsWith(`..${sep}`)) return;
  throw new UsageError(
    `--${name} ${written} is in --explain ${folder}, which is made new: another place expected`,
  );
}
