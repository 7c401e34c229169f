/**
 * Which task `rondo train` is about. Where nobody names one it is guessed: from options that only one task has, else from
 * the file. What is not safe is refused.
 */

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { Command, Option } from "commander";
import { UsageError } from "../errors.ts";
import { filesBelow } from "../node/folder-source.ts";
import type { FileHead, Task } from "../tasks/task.ts";
import { taskOfCheckpoint } from "./models.ts";
import { signatureOptions } from "./task-options.ts";
import { addTrainFlags, type TrainFlags } from "./train-flags.ts";

export interface AskedTask {
  /** Where it is not clear, one of those that may be meant. */
  readonly task: Task;
  /** Why it is this one, where it was guessed. */
  readonly reason?: string | undefined;
  /** What to throw where it is not clear. */
  readonly refusal?: UsageError | undefined;
}

/** The task that the words of `rondo train` ask for. */
export function askedTask(words: readonly string[], tasks: readonly Task[]): AskedTask {
  const { file, flags, own } = lookThrough(words, tasks);
  const [first] = tasks as [Task];
  if (flags.task !== undefined) return { task: tasks.find(({ name }) => name === flags.task) ?? first };
  if (flags.resume !== undefined) return { task: taskOfCheckpoint(flags.resume) ?? first };
  const possible = tasks.filter((task) => own.every((flag) => flagsOf(task).includes(flag)));
  if (possible.length === 0) return { task: first, refusal: contradiction(own, tasks) };
  if (possible.length === 1 && own.length > 0) return byFlags(possible[0] as Task, own, tasks);
  return byFile(file, possible);
}

/** The file that words name, and their options: all, and those that only tasks have. */
function lookThrough(words: readonly string[], tasks: readonly Task[]) {
  const command = new Command().exitOverride().configureOutput({ outputError: () => {} });
  const everyTask = addTrainFlags(
    new Command(),
    tasks.map(({ name }) => name),
  ).options;
  const flags = [...everyTask, ...tasks.flatMap((task) => signatureOptions(task.training))];
  // Whether values are good is seen later.
  const byName = new Map(flags.map(({ long, flags }) => [long, new Option(flags)]));
  for (const option of byName.values()) command.addOption(option);
  const operands = quietly(() => command.parseOptions([...words]).operands);
  const given = command.options.filter(
    (option) => command.getOptionValueSource(option.attributeName()) === "cli",
  );
  const names = given.map(({ long }) => long as string);
  return {
    file: operands?.[0],
    flags: command.opts<TrainFlags>(),
    own: names.filter((name) => !everyTask.some(({ long }) => long === name)),
  };
}

function quietly<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

const flagsOf = (task: Task) => signatureOptions(task.training).map(({ long }) => long as string);

function byFlags(task: Task, given: readonly string[], tasks: readonly Task[]): AskedTask {
  const others = tasks.filter((other) => other !== task).map(flagsOf);
  const alone = given.find((flag) => others.every((flags) => !flags.includes(flag)));
  const telling = given.filter((flag) => others.some((flags) => !flags.includes(flag)));
  return { task, reason: `no other task has ${alone ?? telling.join(" and ")}` };
}

function contradiction(given: readonly string[], tasks: readonly Task[]): UsageError {
  const owners = given.map((flag) => tasks.filter((task) => flagsOf(task).includes(flag)));
  const told = given.flatMap((flag, at) => {
    const names = (owners[at] as Task[]).map(({ name }) => name);
    return names.length === tasks.length ? [] : [`${flag} is of ${names.join(" and ")}`];
  });
  return new UsageError(`options of different tasks given: ${told.join(", ")}`);
}

function byFile(file: string | undefined, possible: readonly Task[]): AskedTask {
  const head = file === undefined ? undefined : quietly(() => readHead(file));
  const asked = head && head !== "pipe" && head.paths ? possible.filter(takesFolder) : possible;
  // What is wrong with a file is said when it is read.
  if (!head || asked.length === 0) return { task: possible[0] as Task };
  const claims = asked.flatMap((task) => {
    const reason = head === "pipe" ? undefined : task.guess?.(head);
    return reason === undefined ? [] : [{ task, reason }];
  });
  if (claims.length === 1) return claims[0] as AskedTask;
  const meant = claims.length > 0 ? claims.map(({ task }) => task) : asked;
  const names = meant.map(({ name }) => `--task ${name}`);
  return {
    task: meant[0] as Task,
    refusal: new UsageError(`${file}: what to train on it is not clear: ${names.join(" or ")} expected`),
  };
}

/** Whether the file that is trained on may be a folder. */
function takesFolder({ training }: Task): boolean {
  return Object.values(training.files)[0]?.folder ?? false;
}

/** Bytes of a file, and paths of a folder, that a guess is made from. */
const HEAD_BYTES = 2 ** 16;
const HEAD_PATHS = 1000;

/** How a file begins. A pipe can be read once, by whom it is meant for. Throws for what cannot be read. */
function readHead(path: string): FileHead | "pipe" {
  const found = statSync(path);
  if (found.isDirectory()) {
    const paths: string[] = [];
    for (const file of filesBelow(path)) if (paths.push(file) === HEAD_PATHS) break;
    return { name: basename(resolve(path)), lines: [], paths };
  }
  if (!found.isFile()) return "pipe";
  const file = openSync(path, "r");
  try {
    const bytes = new Uint8Array(HEAD_BYTES);
    const count = readSync(file, bytes);
    const lines = new TextDecoder().decode(bytes.subarray(0, count)).split(/\r?\n/);
    // The last one may go on, or be none.
    if (count === HEAD_BYTES || lines.at(-1) === "") lines.pop();
    return { name: basename(path), lines };
  } finally {
    closeSync(file);
  }
}
