/** Where the lines of predictions go: to the standard output as they come, or into a file that is there when all are. */

import { once } from "node:events";
import { breather } from "../long-work.ts";
import { FileReplacement } from "../node/files.ts";
import { untilInterrupted } from "../node/train-in-folder.ts";
import { Interruption } from "./exit.ts";

export interface Output {
  line(text: string): Promise<void>;
  /** All lines are there. */
  complete(): void;
  /** Something went wrong. */
  abandon(): void;
}

export const standardOutput: Output = {
  async line(text) {
    if (!process.stdout.write(`${text}\n`)) await once(process.stdout, "drain");
  },
  complete() {},
  abandon() {},
};

/** Characters that are written at once. */
const PIECE = 2 ** 16;

/** A file that takes the place of `path` when it is complete; Ctrl-C leaves nothing of it. */
export class OutputFile implements Output {
  readonly #path: string;
  readonly #breathe = breather();
  #waiting = "";
  #file: FileReplacement | undefined;
  #interruption: ReturnType<typeof untilInterrupted> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async line(text: string): Promise<void> {
    this.#waiting += `${text}\n`;
    if (this.#waiting.length < PIECE) return;
    this.#write();
    // From here on there is something to remove.
    this.#interruption ??= untilInterrupted();
    await this.#breathe();
    if (!this.#interruption.signal.aborted) return;
    throw new Interruption(`stopped; nothing was written to ${this.#path}`);
  }

  complete(): void {
    this.#write();
    this.#file?.complete();
    this.#interruption?.end();
  }

  abandon(): void {
    this.#file?.abandon();
    this.#interruption?.end();
  }

  #write(): void {
    this.#file ??= new FileReplacement(this.#path);
    this.#file.write(new TextEncoder().encode(this.#waiting));
    this.#waiting = "";
  }
}
