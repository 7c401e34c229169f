/** A folder that is made new: it is there with all its files, or not at all. */

import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { RondoError, UsageError } from "../errors.ts";
import { reasonOf, removeLeftovers } from "./files.ts";

/**
 * Its files are written to a temporary folder beside it, which is renamed when all are there; an empty folder gives it its place. One that
 * an earlier, killed process left is removed. Whatever fails throws RondoError naming path and reason, and leaves nothing.
 */
export class NewFolder {
  readonly #path: string;
  readonly #target: string;
  readonly #temporary: string;

  /** Throws UsageError where there is a file, or a folder that is not empty. */
  constructor(path: string) {
    this.#path = path;
    this.#target = resolve(path);
    const [above, name] = [dirname(this.#target), basename(this.#target)];
    this.#temporary = join(above, `.${name}.${process.pid}.tmp`);
    this.#orRemoved(() => {
      const found = statSync(this.#target, { throwIfNoEntry: false });
      if (found && !found.isDirectory()) throw new UsageError(`${path} is a file: a new folder expected`);
      if (found && readdirSync(this.#target).length > 0) {
        throw new UsageError(`${path} is not empty: a new folder expected`);
      }
      removeLeftovers(above, name);
      mkdirSync(this.#temporary);
    });
  }

  /** A file of it. */
  write(name: string, bytes: Uint8Array): void {
    this.#orRemoved(() => writeFileSync(join(this.#temporary, name), bytes));
  }

  /** Puts it in its place. */
  complete(): void {
    this.#orRemoved(() => {
      if (statSync(this.#target, { throwIfNoEntry: false })) rmdirSync(this.#target);
      renameSync(this.#temporary, this.#target);
    });
  }

  /** Gives it up. */
  abandon(): void {
    rmSync(this.#temporary, { recursive: true, force: true });
  }

  #orRemoved(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.abandon();
      if (error instanceof UsageError) throw error;
      throw new RondoError(`cannot write ${this.#path}: ${reasonOf(error)}`, { cause: error });
    }
  }
}
