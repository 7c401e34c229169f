// Series of numbers: how tables and lines of JSON are read, and what is refused, with its line.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { DataError, UsageError } from "../../../src/errors.ts";
import { readLabelledRows } from "../../../src/tasks/classification/data.ts";
import type { Reading } from "../../../src/tasks/classification/inputs/input.ts";
import { seriesInput } from "../../../src/tasks/classification/inputs/series.ts";
import { completeClassification } from "../../../src/tasks/classification/options.ts";

const readingOf = (options: object = {}): Reading => ({
  ...completeClassification({ columns: ["x", "y"], label: "way", ...options }, 1).settings,
  input: "series",
});
const all = async (name: string, text: string, options: object = {}, labelled = true) => {
  const found = [];
  const rows = seriesInput.read(textSource(name, text), readingOf(options), labelled);
  for await (const { content, ...row } of rows) found.push({ ...row, content: [...content] });
  return found;
};
const ofSeries = { series: "id" };

describe("a table", () => {
  it("has a row for each step: series in the order in which they begin, whatever stands between their steps", async () => {
    const table = "id,y,x,way,who\na,2,1,up,me\nb,20,10,down,you\na,4,3,up,me\n";
    expect(await all("walks.csv", table, { ...ofSeries, group: "who" })).toEqual([
      { line: 2, place: "series a, line 2", content: [1, 2, 3, 4], labels: ["up"], group: "me" },
      { line: 3, place: "series b, line 3", content: [10, 20], labels: ["down"], group: "you" },
    ]);
  });

  it("has whatever stands between columns, and before decimals", async () => {
    const table = "id;x;y;way\na;1,5;-2;up\n";
    const [row] = await all("walks.txt", table, { ...ofSeries, decimal: "comma" });
    expect(row?.content).toEqual([1.5, -2]);
    const [other] = await all("walks.csv", "id|x|y|way\na|1e2|.5|up\n", { ...ofSeries, delimiter: "|" });
    expect(other?.content).toEqual([100, 0.5]);
  });

  it("has several labels of a series in one cell", async () => {
    const table = "id,x,y,way\na,1,2,up; left\na,1,2,up; left\nb,1,2,\n";
    const rows = await all("walks.csv", table, { ...ofSeries, labelSeparator: ";" });
    expect(rows.map(({ labels }) => labels)).toEqual([["up", "left"], []]);
  });

  it("that is to be told needs no labels, and is one series where no column says otherwise", async () => {
    const table = "x,y\n1,2\n3,4\n";
    expect(await all("walks.csv", table, {}, false)).toEqual([
      { line: 2, place: "line 2", content: [1, 2, 3, 4], labels: undefined, group: undefined },
    ]);
    const two = await all("walks.csv", "id,x,y,way\na,1,2,up\na,3,4,down\n", ofSeries, false);
    expect(two.map(({ content }) => content)).toEqual([[1, 2, 3, 4]]);
  });

  it.each<[string, object, string]>([
    ["id,x,y,way\na,1,2,up\n", {}, "series: none given, the column expected that says which series a row of"],
    ["x,y,way\n1,2,up\n", ofSeries, 'w.csv has no column "id"'],
    ["id,x,why,way\na,1,2,up\n", ofSeries, 'w.csv has no column "y"'],
    ["id,x,y,label\na,1,2,up\n", ofSeries, 'w.csv has no column "way"'],
    ["id,x,y,way\na,1,2,up\n", { ...ofSeries, group: "who" }, 'w.csv has no column "who"'],
    ["id,x,y,way\na,1,2,up\na,1,two,up\n", ofSeries, 'w.csv: line 3: y is "two", a number expected'],
    ["id,x,y,way\na,1,2,up\na,,2,up\n", ofSeries, 'w.csv: line 3: x is "", a number expected'],
    ["id,x,y,way\na,1,1e39,up\n", ofSeries, 'w.csv: line 2: y is "1e39", a number expected'],
    ["id,x,y,way\na,1,NaN,up\n", ofSeries, 'w.csv: line 2: y is "NaN", a number expected'],
    [
      "id,x,y,way\na,1,2,up\nb,1,2,up\na,1,2,down\n",
      ofSeries,
      "w.csv: line 4: series a has the label down, in line 2 it has up: one label a series expected",
    ],
    [
      "id,x,y,way\na,1,2,up\na,1,2,\n",
      ofSeries,
      "w.csv: line 3: series a has the label of none, in line 2 it has up",
    ],
    ["id,x,y,way\na,1,2,up\nb,1,2,\n", ofSeries, "w.csv: series b, line 3 has no label"],
    ["id,x,y,way\n", ofSeries, "w.csv: no rows, one or more expected"],
    ["id,x,y,way\na,1\n", ofSeries, "w.csv: line 2"],
  ])("%j is refused with %j", async (table, options, message) => {
    const reading = readLabelledRows(textSource("w.csv", table), readingOf(options));
    await expect(reading).rejects.toThrow(message);
    await reading.catch((error: unknown) =>
      expect([DataError, UsageError]).toContain((error as Error).constructor),
    );
  });

  it("tells the rows that a JSON file of the same numbers tells", async () => {
    const number = fc.float({ noNaN: true, noDefaultInfinity: true });
    const series = fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(series, { minLength: 1, maxLength: 4 }), async (walks) => {
        const steps = walks.flatMap((walk, id) => walk.map(([x, y]) => `${id},${x},${y},up`));
        const lines = walks.map((walk) =>
          JSON.stringify({ x: walk.map(([x]) => x), y: walk.map(([, y]) => y), way: "up" }),
        );
        const table = await all("w.csv", `id,x,y,way\n${steps.join("\n")}`, ofSeries);
        const json = await all("w.jsonl", lines.join("\n"));
        // In a table -0 is 0.
        const contents = (rows: typeof table) =>
          rows.map(({ content }) => content.map((one) => (one as number) + 0));
        expect(contents(table)).toEqual(contents(json));
      }),
      { numRuns: 50 },
    );
  });
});

describe("JSON Lines", () => {
  it("have a series on each line: of one step or of 20,000", async () => {
    const long = Array.from({ length: 20_000 }, (_, step) => step % 7);
    const text = `{"x":[1],"y":[2],"way":3,"who":null}\n${JSON.stringify({ x: long, y: long, way: ["up", "left"], who: 7 })}`;
    const [one, other] = await all("w.jsonl", text, { group: "who" });
    expect(one).toEqual({ line: 1, place: "line 1", content: [1, 2], labels: ["3"], group: undefined });
    expect(other).toMatchObject({ line: 2, labels: ["up", "left"], group: "7" });
    expect(other?.content).toHaveLength(40_000);
  });

  it.each([
    ['{"x":[1,2],"y":[1],"way":"up"}', "w.jsonl: line 2: x has 2 steps, y has 1: as many expected"],
    ['{"x":[1],"way":"up"}', "w.jsonl: line 2: y is missing, a list of one or more numbers expected"],
    ['{"x":[],"y":[],"way":"up"}', "w.jsonl: line 2: x is an empty list, a list of one or more numbers"],
    ['{"x":7,"y":[1],"way":"up"}', "w.jsonl: line 2: x is 7, a list of one or more numbers expected"],
    ['{"x":"12","y":[1,2],"way":"up"}', 'w.jsonl: line 2: x is "12", a list of one or more numbers expected'],
    ['{"x":[1,"2"],"y":[1,2],"way":"up"}', 'w.jsonl: line 2: x: step 2 is "2", a number expected'],
    ['{"x":[1,null],"y":[1,2],"way":"up"}', "w.jsonl: line 2: x: step 2 is null, a number expected"],
    ['{"x":[1],"y":[1e39],"way":"up"}', "w.jsonl: line 2: y: step 1 is 1e+39, a number expected"],
    ['{"x":[1],"y":[1],"way":{}}', "w.jsonl: line 2: way is an object, a label or a list of labels expected"],
    ['{"x":[1],"y":[1]}', "w.jsonl: line 2 has no label"],
    ['{"x":[1],"y":', "w.jsonl: line 2 is not JSON"],
    ["[1]", "w.jsonl: line 2"],
  ])("%j is refused", async (line, message) => {
    const text = `{"x":[1],"y":[1],"way":"up"}\n${line}\n`;
    const reading = readLabelledRows(textSource("w.jsonl", text), readingOf());
    await expect(reading).rejects.toThrow(DataError);
    await expect(reading).rejects.toThrow(message);
  });
});
