// JSON Lines: the objects of a text with their lines, and what is no object.
import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonLines } from "../../src/data/json-lines.ts";
import { textSource } from "../../src/data/source.ts";
import { DataError, UsageError } from "../../src/errors.ts";

const read = async (text: string) => {
  const rows = [];
  for await (const row of jsonLines(textSource("rows.jsonl", text))) rows.push(row);
  return rows;
};

it("gives every object back, with its line", async () => {
  const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(objects, fc.constantFrom("\n", "\r\n"), async (values, end) => {
      const text = values.map((value) => JSON.stringify(value) + end).join("");
      const expected = values.map((value, at) => ({
        number: at + 1,
        value: JSON.parse(JSON.stringify(value)),
      }));
      expect(await read(text)).toEqual(expected);
    }),
  );
});

it("passes over empty lines, and counts them", async () => {
  expect(await read('\uFEFF{"a":1}\n\n  \r\n {"a":[2]} ')).toEqual([
    { number: 1, value: { a: 1 } },
    { number: 4, value: { a: [2] } },
  ]);
  expect(await read("")).toEqual([]);
});

it.each([
  ['{"a":1}\n{"a":', /^rows\.jsonl: line 2 is not JSON: \S.*$/],
  ['{"a":1}{"a":2}\n', /^rows\.jsonl: line 1 is not JSON: \S.*$/],
  ["{}\n\n[1]\n", /^rows\.jsonl: line 3: an array of 1 given, a JSON object expected$/],
  ["null\n", /^rows\.jsonl: line 1: null given, a JSON object expected$/],
  ['"text"\n', /^rows\.jsonl: line 1: "text" given, a JSON object expected$/],
])("refuses %j", async (text, message) => {
  await expect(read(text)).rejects.toThrow(DataError);
  await expect(read(text)).rejects.toThrow(message);
});

it("reads sources alone", () => {
  expect(() => jsonLines("rows.jsonl" as never)).toThrow(UsageError);
  expect(() => jsonLines(undefined as never)).toThrow(/^jsonLines: undefined given, a source with name/);
});
