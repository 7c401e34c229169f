/** Where the lines of predictions go: to the standard output as they come, or into a file that is there when all are. */

import { once } from "node:events";
import { counted } from "../data/text.ts";
import { breather } from "../long-work.ts";
import { FileReplacement } from "../node/files.ts";
import { untilInterrupted } from "../node/interruption.ts";
import { jsonLine } from "../node/json-line.ts";
import type { Prediction } from "../tasks/task.ts";
import { Interruption } from "./exit.ts";

/** What takes lines. */
interface Output {
  /** Aborted by Ctrl-C, where that does not end the process by itself. */
  readonly stopped: AbortSignal | undefined;
  line(text: string): Promise<void>;
  /** All lines are there. */
  complete(): void;
  /** Something went wrong. */
  abandon(): void;
  /** What is said of `count` predictions where it was stopped. */
  ending(count: number): string;
}

/** The standard output; `stopped` as in `Output`. */
export function standardOutput(stopped?: AbortSignal): Output {
  return {
    stopped,
    async line(text) {
      if (!process.stdout.write(`${text}\n`)) await once(process.stdout, "drain");
    },
    complete() {},
    abandon() {},
    ending: (count) => `stopped after ${counted(count, "prediction")}`,
  };
}

/** Characters that are written at once. */
const PIECE = 2 ** 16;

/** A file that takes the place of `path` when it is complete; Ctrl-C leaves nothing of it. */
export function fileOutput(path: string): Output {
  const breathe = breather();
  const stop = new AbortController();
  let waiting = "";
  let file: FileReplacement | undefined;
  let interruption: ReturnType<typeof untilInterrupted> | undefined;
  const write = () => {
    file ??= new FileReplacement(path);
    file.write(new TextEncoder().encode(waiting));
    waiting = "";
  };
  return {
    stopped: stop.signal,
    async line(text) {
      waiting += `${text}\n`;
      if (waiting.length < PIECE) return;
      write();
      // From here on there is something to remove.
      if (!interruption) {
        interruption = untilInterrupted();
        interruption.signal.addEventListener("abort", () => stop.abort());
      }
      await breathe();
    },
    complete() {
      write();
      file?.complete();
      interruption?.end();
    },
    abandon() {
      file?.abandon();
      interruption?.end();
    },
    ending: () => `stopped: nothing was written to ${path}`,
  };
}

/** Writes predictions as they come: lines of text for people, or of JSON for machines. Throws Interruption where it is stopped. */
export async function writePredictions(
  predictions: AsyncIterable<Prediction>,
  output: Output,
  { json: machines }: { readonly json?: true | undefined },
): Promise<void> {
  const { stopped } = output;
  let count = 0;
  try {
    for await (const { text, json } of stopped ? untilStopped(predictions, stopped) : predictions) {
      if (json) count += 1;
      if (!machines) await output.line(text);
      else if (json) await output.line(jsonLine(json));
    }
    if (stopped?.aborted) throw new Interruption(output.ending(count));
    output.complete();
  } catch (error) {
    output.abandon();
    throw error;
  }
}

/** The items that come before a signal does, which nothing waits behind. */
async function* untilStopped<Item>(items: AsyncIterable<Item>, signal: AbortSignal): AsyncGenerator<Item> {
  const iterator = items[Symbol.asyncIterator]();
  let stop = () => {};
  signal.addEventListener("abort", () => stop());
  while (!signal.aborted) {
    // A race of promises would keep a reaction for each item on the one that ends it all.
    const next = await new Promise<IteratorResult<Item> | undefined>((settle, fail) => {
      stop = () => settle(undefined);
      iterator.next().then(settle, fail);
    });
    if (!next || next.done) return;
    yield next.value;
  }
}
