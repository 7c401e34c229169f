// Which task is meant where nobody names one: by options that only one has, else by the file; the rest is refused.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { askedTask } from "../../src/cli/guess.ts";
import { names, whole, yes } from "../../src/options/kinds.ts";
import { type OptionTable, option } from "../../src/options/table.ts";
import { hasEnding, isTable } from "../../src/tasks/head.ts";
import { tasks } from "../../src/tasks/index.ts";
import type { FileHead, Task } from "../../src/tasks/task.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { run } from "./cli.ts";

/** A task of which only what a guess asks for is there. */
function task(name: string, file: string, options: OptionTable, guess?: Task["guess"]): Task {
  const training = { files: { [file]: { help: "" }, more: { help: "", flag: `${name}-more` } }, options };
  return { name, training, guess } as unknown as Task;
}

const size = option(whole({ from: 1 }), { default: 1, help: "" });
const table = (head: FileHead) => (isTable(head) ? `${head.name} is a table` : undefined);
const write = task("write", "text", { hidden: size, window: size }, (head) =>
  hasEnding(head, "txt", "csv") && !isTable(head) ? `${head.name} is a text` : undefined,
);
const forecast = task(
  "forecast",
  "table",
  { hidden: size, target: option(names(), { help: "" }), horizon: size },
  table,
);
const watch = task(
  "watch",
  "table",
  { hidden: size, target: option(names(), { help: "" }), alarms: size, upwards: option(yes(), { help: "" }) },
  table,
);
const all = [write, forecast, watch];

const files = {
  "fox.txt": "the quick brown fox\njumps, over\nthe lazy dog, and on\nagain\n",
  "sales.csv": "date,sales\n2024-01-01,3\n2024-01-02,4\n2024-01-03,5\n",
  "sales.txt": "date;sales\n2024-01-01;3,5\n2024-01-02;4\n2024-01-03;5\n",
};

/** What is made of words; the names of files become paths. */
function asked(words: string, known: readonly Task[] = all) {
  const folder = temporaryFolder(files);
  const paths = words.split(" ").map((word) => (word in files ? join(folder, word) : word));
  const { task, reason, refusal } = askedTask(paths, known);
  return [task.name, reason, refusal?.message.replace(`${folder}/`, "")];
}

describe("options that only one task has decide", () => {
  it.each([
    ["sales.csv --horizon 3", "forecast", "no other task has --horizon"],
    ["sales.csv --hidden 3 --alarms=5", "watch", "no other task has --alarms"],
    ["--upwards sales.csv", "watch", "no other task has --upwards"],
    ["fox.txt --target a --horizon 2", "forecast", "no other task has --horizon"],
    ["missing.csv --watch-more x", "watch", "no other task has --watch-more"],
  ])("%s", (words, name, reason) => {
    expect(asked(words)).toEqual([name, reason, undefined]);
  });

  it("several that only one task has together", () => {
    const first = task("first", "a", { x: size, y: size });
    const second = task("second", "a", { x: size, z: size });
    const third = task("third", "a", { y: size, z: size });
    expect(asked("--x 1 --z 2", [first, second, third])).toEqual([
      ...["second", "no other task has --x and --z", undefined],
    ]);
  });

  it("and those of different tasks are refused", () => {
    const message =
      "options of different tasks given: --window is of write, --target is of forecast and watch";
    expect(asked("sales.csv --hidden 3 --window 3 --target a")).toEqual(["write", undefined, message]);
  });
});

describe("else the file", () => {
  it("is claimed by one task", () => {
    expect(asked("fox.txt --hidden 3")).toEqual(["write", "fox.txt is a text", undefined]);
    expect(asked("sales.txt", [write, watch])).toEqual(["watch", "sales.txt is a table", undefined]);
  });

  it("or by several, or by none: they are named", () => {
    expect(asked("sales.csv --target sales")).toEqual([
      ...["forecast", undefined],
      "sales.csv: what to train on it is not clear: --task forecast or --task watch expected",
    ]);
    expect(asked("sales.csv", [write])).toEqual([
      ...["write", undefined, "sales.csv: what to train on it is not clear: --task write expected"],
    ]);
  });

  it("is the word that is no value of an option", () => {
    expect(asked("--out sales.csv --hidden 3 fox.txt")[0]).toBe("write");
    expect(asked("--out fox.txt sales.txt", [write, watch])[0]).toBe("watch");
  });

  it("that cannot be read is told when it is", () => {
    for (const words of ["missing.csv", ".", "--hiden 3", ""]) {
      expect(asked(words)).toEqual(["write", undefined, undefined]);
    }
  });

  it("that is a pipe is not looked into", () => {
    const folder = temporaryFolder();
    execFileSync("mkfifo", [join(folder, "pipe.txt")]);
    expect(askedTask([join(folder, "pipe.txt")], all).refusal?.message).toMatch(/--task write or --task/);
  });
});

it("a name, and the run that goes on, need no guess", () => {
  expect(asked("sales.csv --task watch --window 3")).toEqual(["watch", undefined, undefined]);
  expect(asked("--task forecast --task=watch")[0]).toBe("watch");
  expect(asked("--resume nowhere")).toEqual(["write", undefined, undefined]);
});

describe("rondo's own tasks", () => {
  const claims = (name: string, text: string) =>
    tasks
      .filter(({ guess }) => guess?.({ name, lines: text.split("\n") }) !== undefined)
      .map(({ name }) => name);

  it.each([
    ["fox.txt", files["fox.txt"], ["language-model"]],
    ["main.c", "int main(void) {\n  return 0;\n}", ["language-model"]],
    ["empty.txt", "", ["language-model"]],
    // Which of both is meant, a table does not tell.
    ["sales.csv", "nothing", ["forecast", "anomaly"]],
    ["mail.csv", "text,label\nwin a free phone,1\nsee you at noon then,0\n", ["classify"]],
    ["mail.csv", "body,folder\nwin a free phone,1\nsee you at noon then,0\n", []],
    ["sales.txt", files["sales.txt"], ["forecast", "anomaly"]],
    ["rows.json", "[1, 2]", []],
    ["rows.jsonl", '{"text":"a","label":"b"}', ["classify"]],
    ["rows.jsonl", '{"text":"a"}', []],
    ["rows.jsonl", "no json", []],
    ["rows.txt", "__label__sea ship\n__label__land road", ["classify"]],
    ["rows.tsv", "sea\tship wave\nland\troad\nsea\tsalt", ["classify"]],
    ["rows.tsv", "date\tsales\n2024-01-01\t3\n2024-01-02\t4", ["forecast", "anomaly"]],
    ["rows.txt", "sea\tship wave\nland\troad\nsea\tsalt", ["language-model", "classify"]],
  ])("%s", (name, text, expected) => {
    expect(claims(name, text)).toEqual(expected);
  });
});

it("the command refuses what is not clear before it reads, whatever options there are", async () => {
  const folder = temporaryFolder({ ...files, "rows.json": "[1, 2]" });
  const unclear = await run("train", join(folder, "rows.json"));
  expect(unclear.error).toMatch(
    /^rondo: .*rows\.json: what to train on it is not clear: --task .* expected\n$/,
  );
  expect(unclear).toMatchObject({ code: 2, out: "" });
  const mixed = await run("train", join(folder, "fox.txt"), "--validation-text", "x", "--label", "y");
  expect(mixed).toMatchObject({
    code: 2,
    error: expect.stringContaining("options of different tasks given"),
  });
});
