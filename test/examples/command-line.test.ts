// The command lines of the examples: what they refuse, how, and that the seed of all of them is the user's.
import { join } from "node:path";
import { DataError, readCheckpoint, Training } from "rondo";
import { afterEach, describe, expect, it, vi } from "vitest";
import { command as addingProblem } from "../../examples/adding-problem.ts";
import { command as batchingByLength } from "../../examples/batching-by-length.ts";
import { command as captions } from "../../examples/captions.ts";
import { run } from "../../examples/command-line.ts";
import { command as copyTask } from "../../examples/copy-task.ts";
import { command as driftingSeries } from "../../examples/drifting-series.ts";
import { command as encoderDecoder } from "../../examples/encoder-decoder.ts";
import { command as etth1 } from "../../examples/etth1.ts";
import { command as japaneseVowels } from "../../examples/japanese-vowels.ts";
import { command as lineToLine } from "../../examples/line-to-line.ts";
import { command as longRows } from "../../examples/long-rows.ts";
import { command as manyToMany } from "../../examples/many-to-many.ts";
import { command as manyToOne } from "../../examples/many-to-one.ts";
import { command as nab } from "../../examples/nab.ts";
import { command as oneToMany } from "../../examples/one-to-many.ts";
import { command as oneToOne } from "../../examples/one-to-one.ts";
import { command as pennTreebank } from "../../examples/penn-treebank.ts";
import { command as smallSeries } from "../../examples/small-series.ts";
import { command as spokenDigits } from "../../examples/spoken-digits.ts";
import { command as spokenNumbers } from "../../examples/spoken-numbers.ts";
import { command as sst } from "../../examples/sst.ts";
import { command as textToNumbers } from "../../examples/text-to-numbers.ts";
import { command as twentySeries } from "../../examples/twenty-series.ts";
import { command as videos } from "../../examples/videos.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { printed } from "../helpers/printed.ts";

const shapes = [oneToOne, oneToMany, manyToOne, manyToMany, encoderDecoder];
const trainings = [...shapes, captions, videos, textToNumbers, addingProblem, copyTask];
const classifiers = [japaneseVowels, longRows, spokenDigits, sst];
const others = [
  batchingByLength,
  spokenNumbers,
  ...classifiers,
  driftingSeries,
  lineToLine,
  pennTreebank,
  etth1,
  nab,
  smallSeries,
  twentySeries,
];
const commands = [...trainings, ...others].map((command) => ({
  command,
  name: command.name(),
}));

afterEach(() => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
});

/** What is printed by an example, and the exit code that it leaves. */
async function finish(command: (typeof trainings)[number], ...words: string[]) {
  process.exitCode = undefined;
  const { out, error } = await printed(() => run(command, words));
  const code = process.exitCode ?? 0;
  process.exitCode = undefined;
  return { out, error, code };
}

describe.each(commands)("$name", ({ command, name }) => {
  it.each([
    [["--nonsense"], "unknown option '--nonsense'"],
    [["--seed"], "option '--seed <number>' argument missing"],
    [["--seed", "1.5"], "A whole number from 0 expected."],
    [["--seed=-1"], "A whole number from 0 expected."],
    [["one", "two", "three", "four"], name.startsWith("many") ? "4 given, a file to" : "too many arguments"],
  ])("refuses %j in one line", async (words, message) => {
    const { out, error, code } = await finish(command, ...words);
    expect([code, out]).toEqual([2, ""]);
    expect(error).toContain(message);
    expect(error).toMatch(new RegExp(`^${name}: .*\\n$`));
  });

  it("says what it takes", async () => {
    const { out, code } = await finish(command, "--help");
    expect([code, out]).toEqual([0, expect.stringMatching(/--seed <number> .*\(default: 1\)/)]);
  });
});

describe("the seed", () => {
  it.each(trainings.map((command) => ({ command, name: command.name() })))(
    "goes to the training, and errors there are one line: $name",
    async ({ command, name }) => {
      const seeds: unknown[] = [];
      vi.spyOn(Training.prototype, "run").mockImplementation(async function (this: Training<unknown>) {
        const { session } = readCheckpoint(this.checkpoint()).metadata;
        seeds.push(JSON.parse(session as string).seed);
        throw new DataError("enough");
      });
      expect(await finish(command, "--seed", "7")).toMatchObject({ error: `${name}: enough\n`, code: 1 });
      expect(seeds).toEqual([7]);
    },
  );

  it("is there where nothing is learnt", async () => {
    const row = (id: number, word: string) => `${id}\t${word}\t_\tX${"\t_".repeat(6)}\n`;
    const sentences = `${row(1, "a")}\n${row(1, "b")}${row(2, "c")}`;
    const file = join(temporaryFolder({ "bank.conllu": sentences }), "bank.conllu");
    const { out, code } = await finish(batchingByLength, file, "--seed", "3");
    expect([code, out.trimEnd().split("\n").length]).toEqual([0, 5]);
  });
});

describe("files", () => {
  it.each(
    [oneToOne, manyToOne, manyToMany, batchingByLength].map((command) => ({ command, name: command.name() })),
  )("that cannot be read are one line with their name: $name", async ({ command, name }) => {
    const folder = temporaryFolder({ "wrong.txt": "nothing\nof, the: kind\n" });
    const count = name.startsWith("many") ? 2 : 1;
    for (const [file, said] of [
      ["missing", "cannot read"],
      [".", "cannot read"],
      ["wrong.txt", ""],
    ] as const) {
      const path = join(folder, file);
      const { error, code } = await finish(command, ...Array<string>(count).fill(path));
      expect(code).toBe(1);
      expect(error).toMatch(new RegExp(`^${name}: .*\\n$`));
      expect(error).toContain(said);
      expect(error).toContain(path);
    }
  });

  it.each([manyToOne, manyToMany])("come in pairs", async (command) => {
    const { error, code } = await finish(command, "a.ts");
    expect([code, error]).toEqual([
      2,
      expect.stringContaining("1 given, a file to train on and one to test on"),
    ]);
  });
});

describe("a test of memory", () => {
  it.each([
    [["--cells", "gru", "nonsense"], "argument 'nonsense' is invalid"],
    [["--length", "0"], "A whole number from 1 expected"],
    [["--updates", "many"], "A whole number from 1 expected"],
    [["--learning-rate", "0.1x"], "A number above 0 expected"],
    [["--updates", "300"], "--updates 300 given, a multiple of --interval 250 expected"],
  ])("refuses %j", async (words, message) => {
    for (const command of [addingProblem, copyTask]) {
      const { error, code } = await finish(command, ...words);
      expect([code, error]).toEqual([2, expect.stringContaining(message)]);
    }
  });
});

describe("a training in a folder", () => {
  it.each([captions, videos])("that is stopped says where it goes on", async (command) => {
    vi.spyOn(Training.prototype, "run").mockResolvedValue("interrupted");
    const folder = temporaryFolder({});
    const { error, code } = await finish(command, "--out", folder);
    expect(code).toBe(130);
    expect(error).toMatch(/^\S+: stopped; the same command goes on from \S+-1\n$/);
    expect(error).toContain(folder);
  });

  it("refuses networks that there are not", async () => {
    const { error, code } = await finish(videos, "--networks", "transformer");
    expect([code, error]).toEqual([
      2,
      expect.stringContaining("Allowed choices are gru, lstm, any-order, one-frame"),
    ]);
  });
});

it("a defect is not hidden", async () => {
  vi.spyOn(Training.prototype, "run").mockRejectedValue(new TypeError("a defect"));
  await expect(printed(() => run(oneToMany, []))).rejects.toThrow("a defect");
});
