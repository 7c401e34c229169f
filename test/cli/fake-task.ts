// A task that is small and has everything that a task can have: what the command makes of it, no other task tells.
import { sourceLines } from "../../src/data/source.ts";
import { wordsDrawing } from "../../src/draw/charts/drawing.ts";
import { DataError } from "../../src/errors.ts";
import { restoreWeights } from "../../src/formats/model.ts";
import { float32, linear, Training, value } from "../../src/index.ts";
import { names, numbers, yes } from "../../src/options/kinds.ts";
import { completeOptions, option } from "../../src/options/table.ts";
import { describeTask, requireTask, taskFile } from "../../src/tasks/file.ts";
import { count, measure } from "../../src/tasks/measures.ts";
import { type GivenFile, type Prediction, required, type Task } from "../../src/tasks/task.ts";

const options = {
  columns: option(names(), { default: [], help: "columns that are read" }),
  levels: option(numbers({ above: 0, below: 1 }), { default: [0.1, 0.9], help: "levels that are told" }),
};

/** A measure of the model, of one baseline that has it too, and of one that has not. */
const evaluation = {
  measures: { mae: 1.25, rows: 1200 },
  beside: { seasonalNaive: { mae: 12.5, rows: 1200 }, mean: { mae: 20 } },
  details: { lists: { a: 1 } },
  lines: ["", "most doubtful: 3"],
  warning: "no better than a guess",
};

/** It learns nothing of what it reads, doubles every number, and stops at a line that is none. */
export const fakeTask: Task = {
  name: "doubles",
  summary: "a doubler on numbers",
  training: {
    files: {
      table: { help: "numbers, one a line", required: true, folder: true },
      more: { help: "more" },
      left: { help: "half of the numbers", insteadOf: "table" },
      rightHalf: { help: "the other half", insteadOf: "table" },
    },
    options,
  },
  evaluation: {
    files: {
      input: { help: "numbers", required: true },
      odd: { help: "odd numbers", insteadOf: "input" },
      even: { help: "even numbers", insteadOf: "input" },
    },
    options: {},
  },
  evaluatesRows: true,
  prediction: {
    files: { input: { help: "numbers", required: true, folder: true } },
    options: { learn: option(yes(), { help: "learn from them" }) },
  },
  measures: { rows: count("rows"), mae: measure("mean absolute error", 3), rmse: measure("unknown", 3) },
  guess({ name, lines, paths }) {
    if (paths) return paths.includes("a/1.txt") ? `${name} has ${paths.join(" and ")}` : undefined;
    return /^\d+$/.test(lines[0] ?? "") ? "it begins with a number" : undefined;
  },
  async begin({ table, left, rightHalf }, given) {
    const files = table
      ? { table }
      : { left: required(left, "table"), rightHalf: required(rightHalf, "table") };
    const locations = Object.fromEntries(
      Object.entries(files).map(([name, { location }]) => [name, location]),
    );
    const { columns, levels } = completeOptions("doubles", options, given);
    const model = { head: linear(1, 1) };
    const training = new Training({
      model,
      inputs: float32("B", 1),
      loss: (x) => model.head.apply(x).mean(),
      batches: { count: 1, at: () => value([1], [1, 1]) },
      epochs: 1,
      metadata: {
        model: () => describeTask({ task: "doubles", model: {}, prepared: {} }),
        checkpoint: () => describeTask({ task: "doubles", model: {}, prepared: {}, training: locations }),
      },
    });
    return {
      training,
      audit: { lines: ["3 gaps in a", "2 gaps in b"], json: { gaps: { a: 3, b: 2 } } },
      plan: `columns ${columns.join(" and ")}, levels ${levels.join(" and ")}`,
      data: { columns, levels },
      unit: "numbers",
      summary(best) {
        requireTask(best, "doubles");
        return evaluation;
      },
    };
  },
  locations: ({ file, where }) => taskFile(file, where).json("training") as Record<string, string>,
  async resume(_, { table, left, rightHalf }) {
    if (left) throw new DataError(`no doubler goes on with ${left.location} and ${rightHalf?.location}`);
    const { isFolder, folder, location } = required(table, "table");
    const paths = await folder?.paths();
    throw new DataError(
      `no doubler goes on with ${isFolder ? "folder" : "file"} ${location}: ${paths?.join()}`,
    );
  },
  open(file) {
    const network = { head: linear(1, 1) };
    restoreWeights(file.tensors, network, file.where);
    return {
      network,
      inputs: float32("T", "B", 1),
      describe: () => ({ form: [], made: [], json: {} }),
      async evaluate({ input }, _, told) {
        if (told) for await (const prediction of doubled(input)) await told(prediction);
        return evaluation;
      },
      predict: ({ input }) => doubled(input),
      follow: (input) => doubled(input),
      learns: ({ learn }) => learn === true,
      toBytes: () => new TextEncoder().encode("learnt"),
      async plot({ input }) {
        const y: number[] = [];
        for await (const { json } of doubled(input)) if (json) y.push((json as { double: number }).double);
        const x = y.map((_, at) => at);
        const line = { name: "twice <each>", x, y };
        return {
          title: "doubles",
          panels: [{ title: "", label: String, lines: [line], bands: [], marks: [] }],
        };
      },
      async *explain({ input }) {
        for await (const { json } of doubled(input)) {
          if (!json) continue;
          const { double } = json as { double: number };
          yield wordsDrawing({
            title: `double of <${double / 2}>`,
            parts: [{ text: "twice", score: double }],
            name: "weight",
          });
        }
      },
      programs: { batch: 1, window: 1, training: () => undefined },
    };
  },
};

async function* doubled(given: GivenFile | undefined): AsyncGenerator<Prediction> {
  yield { text: "number,double" };
  for await (const number of numbersOf(required(given, "input"))) {
    yield { text: `${number},${2 * number}`, json: { double: 2 * number } };
  }
}

/** The numbers of all files of a folder, or of a file; a line @PATH stands for those of a file beside it. */
async function* numbersOf(given: GivenFile): AsyncGenerator<number> {
  const { folder, isFolder } = given;
  const files = folder && isFolder ? (await folder.paths()).map((path) => folder.open(path)) : [given];
  for (const file of files) {
    for await (const { number, text } of sourceLines(file)) {
      if (text.startsWith("@") && folder) yield* numbersOf(folder.open(text.slice(1)));
      else if (Number.isNaN(Number(text))) throw new DataError(`line ${number}: ${text}, a number expected`);
      else yield Number(text);
    }
  }
}
