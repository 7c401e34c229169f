// What tasks share: the identity of data, the record of a training, and what people read of it.
import { describe, expect, it } from "vitest";
import { textSource } from "../../src/data/source.ts";
import { DataError, FormatError, UsageError } from "../../src/errors.ts";
import { completeOptions } from "../../src/options/table.ts";
import { identifyRows, identityOfJson, requireSameData, rowsForm } from "../../src/tasks/identity.ts";
import { madeRows, requireNumbers } from "../../src/tasks/record.ts";
import { required } from "../../src/tasks/task.ts";
import { settle, trainingOptions } from "../../src/training/options.ts";

const file = textSource("rows.tsv", "a\nb");
const rows = identifyRows(file, ["a", "b"]);

describe("the identity of rows", () => {
  it("is where they are, how many, and what they are, in their order", () => {
    expect(rows).toEqual({ name: "rows.tsv", rows: 2, fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(identifyRows({ ...file, location: "/data/rows.tsv" }, ["a", "b"])).toEqual({
      ...rows,
      name: "/data/rows.tsv",
    });
    for (const others of [["b", "a"], ["a"], ["ab"], ["a\nb"], ["a", "b", ""]]) {
      expect(identifyRows(file, others).fingerprint === rows.fingerprint).toBe(others[0] === "a\nb");
    }
  });

  it("comes back out of JSON, and is refused where something lacks", () => {
    expect(identityOfJson(JSON.parse(JSON.stringify(rows)), "m", rowsForm)).toEqual(rows);
    const { fingerprint } = rows;
    for (const damaged of [
      ...[undefined, null, [], {}, { ...rows, name: 3 }, { ...rows, rows: 1.5 }, { ...rows, rows: "2" }],
      ...[
        { ...rows, fingerprint: fingerprint.slice(1) },
        { ...rows, fingerprint: 3 },
      ],
    ]) {
      expect(() => identityOfJson(damaged, "m", rowsForm)).toThrow(FormatError);
      expect(() => identityOfJson(damaged, "m", rowsForm)).toThrow(
        `m: training: data ${JSON.stringify(damaged)}, expected a name and a fingerprint`,
      );
    }
    const form = { part: "text", counts: "rows", holds: ({ more }: { more?: unknown }) => more === true };
    expect(() => identityOfJson(rows, "m", form)).toThrow("m: training: text {");
  });

  it("is what a training goes on with alone", () => {
    const as = { where: "c", what: "file", counts: "rows" } as const;
    expect(() => requireSameData("rows.tsv", rows, rows, as)).not.toThrow();
    const others = { ...rows, name: "old.tsv", rows: 3 };
    expect(() => requireSameData("rows.tsv", rows, others, as)).toThrow(DataError);
    expect(() => requireSameData("rows.tsv", rows, others, as)).toThrow(
      "rows.tsv (2 rows) is not the file that c was trained on (old.tsv, 3 rows)",
    );
    const changed = { ...rows, fingerprint: "0".repeat(16) };
    expect(() => requireSameData("rows.tsv", rows, changed, as)).toThrow(DataError);
  });
});

it("a record of a training has numbers where numbers belong", () => {
  expect(() => requireNumbers("m", { step: 3, epoch: 0.5 })).not.toThrow();
  for (const step of ["3", null, undefined, Number.NaN]) {
    expect(() => requireNumbers("m", { epoch: 1, step })).toThrow(FormatError);
  }
  expect(() => requireNumbers("m", { step: "ten" })).toThrow('m: training: step "ten", expected a number');
});

describe("how a model came about", () => {
  const settled = (options: object) =>
    settle(completeOptions("t", trainingOptions, { ...options, optimizer: undefined }), options, {
      ...{ batch: 32, updates: () => 10, learningRates: { adam: 0.002 } },
    });

  it("is told in four rows, with every setting that is not off or told elsewhere", () => {
    const settings = { ...settled({ epochs: 1, patience: 3 }), window: 64, horizon: 12, cutoffs: 0 };
    const made = { on: "a.csv: 9 rows", settings, epoch: 1, step: 1234, validation: undefined };
    expect(madeRows(made, ["horizon"])).toEqual([
      ["trained on", "a.csv: 9 rows"],
      ["for", "1 of 1 epoch, 1,234 updates"],
      ["with", "adam, learning rate 0.002 (constant), batch 32, window 64, clip 1, patience 3, seed 1"],
      ["validation", "none"],
    ]);
  });

  it("tells what was seen, and no window where there is none", () => {
    const made = { on: "a", settings: settled({ clip: 0 }), epoch: 2, step: 3 };
    const [, time, how, found] = madeRows({ ...made, seen: "9 tokens", validation: "loss 3" }, []);
    expect(time?.[1]).toMatch(/^2 of \d+ epochs, 3 updates, 9 tokens$/);
    expect(how?.[1]).toMatch(/batch 32, clip off, /);
    expect(found).toEqual(["validation", "loss 3"]);
  });
});

it("a file that there must be is named where it is not given", () => {
  expect(required(file, "table")).toBe(file);
  expect(() => required(undefined, "table")).toThrow(UsageError);
  expect(() => required(undefined, "table")).toThrow("no table given");
});
