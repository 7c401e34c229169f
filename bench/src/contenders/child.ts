/** A contender's process seen from the driver: one request, one reply, with a limit of time. */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Failure, type Ready, type Request, replyMark } from "./contender.ts";
import type { Contender } from "./list.ts";

export class Child {
  readonly #process: ChildProcess;
  readonly #limit: number;
  #answer: ((line: string | undefined) => void) | undefined;
  #early: string[] = [];
  #ended = false;
  #errors = "";

  /** Every request must be answered within `limit` milliseconds. */
  constructor({ command: [program = "", ...parameters], environment }: Contender, limit: number) {
    this.#limit = limit;
    this.#process = spawn(program, parameters, {
      stdio: ["pipe", "pipe", "pipe"],
      env: environment ?? process.env,
    });
    const { stdin, stdout, stderr } = this.#process;
    // A process that died is noticed by its missing reply.
    stdin?.on("error", () => undefined);
    stderr?.on("data", (text: Buffer) => {
      this.#errors = (this.#errors + text.toString()).slice(-2000);
    });
    this.#process.on("error", ({ message }) => {
      this.#errors = message;
      this.#end();
    });
    if (!stdout) return;
    const lines = createInterface(stdout);
    lines.on("line", (line) => {
      if (line.startsWith(replyMark)) this.#deliver(line.slice(replyMark.length));
    });
    lines.on("close", () => this.#end());
  }

  /** The first reply, which comes unasked. */
  ready(): Promise<Ready> {
    return this.#reply<Ready>();
  }

  ask<Reply>(request: Request): Promise<Reply> {
    this.#process.stdin?.write(`${JSON.stringify(request)}\n`);
    return this.#reply<Reply>();
  }

  close(): void {
    this.#process.kill("SIGKILL");
  }

  async #reply<Reply>(): Promise<Reply> {
    const line = await new Promise<string | undefined>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.close();
        reject(new Error(`gave up after ${Math.round(this.#limit / 1000)} s`));
      }, this.#limit);
      this.#answer = (answer) => {
        clearTimeout(timer);
        this.#answer = undefined;
        resolve(answer);
      };
      const early = this.#early.shift();
      if (early !== undefined || this.#ended) this.#answer(early);
    });
    if (line === undefined) {
      const reason = this.#errors.trim().split("\n").at(-1);
      throw new Error(reason ? `its process ended: ${reason}` : "its process ended");
    }
    const reply = JSON.parse(line) as Reply | Failure;
    if (typeof reply === "object" && reply !== null && "error" in reply) throw new Error(reply.error);
    return reply as Reply;
  }

  #deliver(line: string): void {
    if (this.#answer) this.#answer(line);
    else this.#early.push(line);
  }

  #end(): void {
    this.#ended = true;
    this.#answer?.(undefined);
  }
}
