// Tables of options: defaults, checks with their words, rows for the command, and options out of a file's JSON.
import { describe, expect, it } from "vitest";
import { FormatError, UsageError } from "../../src/errors.ts";
import { choice, names, numbers, real, seed, text, whole, yes } from "../../src/options/kinds.ts";
import { completeOptions, group, option, optionRows, optionsOfJson } from "../../src/options/table.ts";

const table = {
  hidden: option(whole({ from: 1 }), { default: 256, argument: "units", help: "units of a layer" }),
  layers: option(whole({ from: 1, to: 100 }), { help: "layers", usually: "1, more for much data" }),
  dropout: option(real({ from: 0, below: 1 }), { default: 0, help: "dropped" }),
  learningRate: option(real({ above: 0 }), { help: "rate" }),
  topP: option(real({ above: 0, to: 1, remark: ", which is all" }), { default: 1, help: "of the likeliest" }),
  cell: option(choice(["lstm", "gru"]), { default: "lstm", help: "cell" }),
  prompt: option(text(), { default: "", help: "start" }),
  nesterov: option(yes(), { help: "of momentum" }),
  seed: option(seed(), { default: 1, help: "of random numbers" }),
  schedule: group({ every: option(whole({ from: 1 }), { flag: "decay-every", help: "epochs" }) }),
};

it("fills in defaults, and leaves what has none undefined", () => {
  const completed = completeOptions("model", table, { layers: 2, hidden: undefined });
  expect(completed).toEqual({
    ...{ hidden: 256, layers: 2, dropout: 0, topP: 1, cell: "lstm", prompt: "", seed: 1 },
  });
  const hidden: number = completed.hidden;
  const layers: number | undefined = completed.layers;
  const every: number | undefined = completed.schedule?.every;
  expect([hidden, layers, every]).toEqual([256, 2, undefined]);
});

describe("refuses", () => {
  it.each<[object, string]>([
    [{ hidden: 0 }, "hidden 0: expected a whole number from 1"],
    [{ hidden: 1.5 }, "hidden 1.5: expected a whole number from 1"],
    [{ hidden: Number.NaN }, "hidden NaN: expected a whole number from 1"],
    [{ hidden: "3" }, 'hidden "3": expected a whole number from 1'],
    [{ hidden: null }, "hidden null: expected a whole number from 1"],
    [{ layers: 101 }, "layers 101: expected a whole number from 1 to 100"],
    [{ dropout: 1 }, "dropout 1: expected a number from 0 to below 1"],
    [{ learningRate: 0 }, "learning rate 0: expected a number above 0"],
    [{ learningRate: Number.POSITIVE_INFINITY }, "learning rate Infinity: expected a number above 0"],
    [{ topP: 0 }, "top p 0: expected a number above 0 to 1, which is all"],
    [{ cell: "lsmt" }, 'cell "lsmt" is unknown: expected lstm, gru'],
    [{ cell: 3 }, "cell 3 is unknown: expected lstm, gru"],
    [{ prompt: 3 }, "prompt 3: expected a text"],
    [{ nesterov: 1 }, "nesterov 1: expected true or false"],
    [{ seed: 2 ** 53 }, "seed 9007199254740992: expected a whole number from 0 to 2^53 - 1"],
    [{ schedule: { every: 0 } }, "schedule every 0: expected a whole number from 1"],
    [{ schedule: { evry: 1 } }, "schedule has no option evry"],
    [{ schedule: 3 }, "schedule 3: expected an object"],
    [{ hiden: 3 }, "model: option hiden is unknown: did you mean hidden?"],
  ])("%o", (given, message) => {
    expect(() => completeOptions("model", table, given)).toThrow(UsageError);
    expect(() => completeOptions("model", table, given)).toThrow(message);
  });
});

it("rows tell the command what there is", () => {
  const rows = optionRows(table);
  expect(rows.map(({ path }) => path.join("."))).toEqual([
    ...Object.keys(table).slice(0, -1),
    "schedule.every",
  ]);
  expect(rows[0]).toEqual({
    path: ["hidden"],
    kind: "number",
    argument: "units",
    help: "units of a layer",
    expected: "a whole number from 1",
    standard: 256,
  });
  expect(rows.find(({ path }) => path[0] === "cell")).toMatchObject({
    kind: "choice",
    choices: ["lstm", "gru"],
  });
  expect(rows.at(-1)).toMatchObject({ flag: "decay-every", kind: "number", standard: undefined });
  expect(rows.find(({ path }) => path[0] === "nesterov")?.kind).toBe("yes");
});

describe("out of a file", () => {
  const read = (json: unknown) =>
    optionsOfJson("m: model", json, (given) => completeOptions("model", table, given));
  const complete = JSON.parse(JSON.stringify(completeOptions("model", table, {}))) as object;

  it("every option is named with its value", () => {
    expect(read(complete)).toEqual(completeOptions("model", table, {}));
    expect(read({ ...complete, layers: 3 })).toMatchObject({ layers: 3 });
  });

  it.each<[unknown, string]>([
    [{}, "m: model: hidden is missing"],
    [{ ...complete, hidden: 0 }, "m: model: hidden 0: expected a whole number from 1"],
    [{ ...complete, more: 1 }, "m: model: model: option more is unknown"],
    [3, "m: model: 3 given, an object expected"],
    [[], "m: model: an array of 0 given, an object expected"],
  ])("%j is refused", (json, message) => {
    expect(() => read(json)).toThrow(FormatError);
    expect(() => read(json)).toThrow(message);
  });
});

describe("lists", () => {
  const lists = {
    known: option(names(), { default: [], help: "columns" }),
    quantiles: option(numbers({ above: 0, below: 1 }), { default: [0.1, 0.9], help: "quantiles" }),
    target: option(names(), { help: "column" }),
    lags: option(numbers({ from: 1, whole: true, repeat: true }), { help: "lags" }),
  };

  it("are filled in, copied, and may be empty", () => {
    const given = ["a", "b"];
    const completed = completeOptions("model", lists, { target: given, quantiles: [] });
    expect(completed).toEqual({ known: [], quantiles: [], target: ["a", "b"] });
    expect(completed.target).not.toBe(given);
    const known: readonly string[] = completed.known;
    const target: readonly string[] | undefined = completed.target;
    expect([known, target]).toEqual([[], ["a", "b"]]);
  });

  it.each<[object, string]>([
    [{ known: "a" }, 'known "a": expected names, each once'],
    [{ known: ["a", ""] }, 'known "": expected names, each once'],
    [{ known: ["a", 3] }, "known 3: expected names, each once"],
    [{ known: ["a", "b", "a"] }, 'known "a": expected names, each once'],
    [{ quantiles: 0.5 }, "quantiles 0.5: expected numbers above 0 to below 1, each once"],
    [{ quantiles: [0.5, 1] }, "quantiles 1: expected numbers above 0 to below 1, each once"],
    [{ quantiles: [Number.NaN] }, "quantiles NaN: expected numbers above 0 to below 1, each once"],
    [{ quantiles: [0.5, 0.5] }, "quantiles 0.5: expected numbers above 0 to below 1, each once"],
    [{ lags: [1, 2.5] }, "lags 2.5: expected whole numbers from 1"],
    [{ lags: [1, 0] }, "lags 0: expected whole numbers from 1"],
  ])("refuse %o", (given, message) => {
    expect(() => completeOptions("model", lists, given)).toThrow(UsageError);
    expect(() => completeOptions("model", lists, given)).toThrow(message);
  });

  it("have rows that say what they are", () => {
    expect(optionRows(lists).map(({ kind, expected, standard }) => [kind, expected, standard])).toEqual([
      ["names", "names, each once", []],
      ["numbers", "numbers above 0 to below 1, each once", [0.1, 0.9]],
      ["names", "names, each once", undefined],
      ["numbers", "whole numbers from 1", undefined],
    ]);
    expect(completeOptions("model", lists, { lags: [2, 2] }).lags).toEqual([2, 2]);
  });

  it("come back out of a file's JSON, item by item", () => {
    const complete = (given: object) => completeOptions("model", lists, given);
    const json = { known: ["a"], quantiles: [0.1, 0.5], target: ["b"] };
    expect(optionsOfJson("m.json", json, complete)).toEqual(json);
    const sorting = (given: { known?: readonly string[] }) => {
      const { known, ...others } = completeOptions("model", lists, given);
      return { ...others, known: known.toSorted() };
    };
    expect(() => optionsOfJson("m.json", { ...json, known: ["b", "a"] }, sorting)).toThrow(
      'm.json: known ["b","a"], expected such as ["a","b"]',
    );
  });
});
