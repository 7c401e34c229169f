// Rows with labels: how files of texts are read, and how rows are parted.
import { describe, expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { DataError } from "../../../src/errors.ts";
import { readLabelledRows } from "../../../src/tasks/classification/data.ts";
import type { Reading } from "../../../src/tasks/classification/inputs/input.ts";
import { textInput } from "../../../src/tasks/classification/inputs/text.ts";
import { completeClassification } from "../../../src/tasks/classification/options.ts";

const readingOf = (options: object = {}): Reading => ({
  ...completeClassification({ text: "body", label: "folder", ...options }, 1).settings,
  input: "text",
});
const all = async (name: string, text: string, options: object = {}, labelled = false) => {
  const found = [];
  const rows = textInput.read(textSource(name, text), readingOf(options), labelled);
  for await (const { place, ...row } of rows) {
    expect(place).toBe(`line ${row.line}`);
    found.push(row);
  }
  return found;
};

describe("rows", () => {
  it("of lines: after a tab, after a mark, or without a label", async () => {
    expect(await all("a.tsv", "sea\tship wave\n__label__wood tree\ttop\n\nno label\n\tx\ntown\t\n")).toEqual([
      { line: 1, content: "ship wave", labels: ["sea"] },
      { line: 2, content: "tree\ttop", labels: ["wood"] },
      { line: 3, content: "", labels: undefined },
      { line: 4, content: "no label", labels: undefined },
      { line: 5, content: "x", labels: undefined },
      { line: 6, content: "", labels: ["town"] },
    ]);
  });

  it("of JSON Lines, under the keys that are named", async () => {
    const text = '{"body":"a b","folder":"x"}\n{"body":"","folder":3}\n{"body":"c"}\n';
    expect(await all("a.jsonl", text)).toEqual([
      { line: 1, content: "a b", labels: ["x"] },
      { line: 2, content: "", labels: ["3"] },
      { line: 3, content: "c", labels: undefined },
    ]);
  });

  it("of lines with characters that end lines elsewhere; a label of no characters is none", async () => {
    expect(await all("a.txt", "__label__sea a\u2028b\rc\n")).toEqual([
      { line: 1, content: "a\u2028b\rc", labels: ["sea"] },
    ]);
    expect(await all("a.jsonl", '{"body":"a","folder":""}')).toEqual([
      { line: 1, content: "a", labels: undefined },
    ]);
  });

  it("under keys that every object inherits", async () => {
    expect(await all("a.jsonl", '{"body":"a"}', { label: "toString" })).toEqual([
      { line: 1, content: "a", labels: undefined },
    ]);
  });

  it("with several labels: a list, marks, or a cell that is parted; a label that comes twice counts once", async () => {
    const text = '{"body":"a","folder":["x",3,"x"]}\n{"body":"b","folder":[]}\n';
    expect((await all("a.jsonl", text)).map(({ labels }) => labels)).toEqual([["x", "3"], []]);
    expect(await all("a.txt", "__label__x __label__y  a b\n__label__x\n")).toEqual([
      { line: 1, content: "a b", labels: ["x", "y"] },
      { line: 2, content: "", labels: ["x"] },
    ]);
    const table = "body,folder\na,x; y\nb,\n";
    expect((await all("a.csv", table, { labelSeparator: ";" })).map(({ labels }) => labels)).toEqual([
      ["x", "y"],
      [],
    ]);
  });

  it("of tables, whatever parts the cells; where they come from says a column", async () => {
    const table = 'from;folder;body\nme;x;"a;\nb"\nyou;;c\n';
    expect(await all("a.csv", table, { group: "from" })).toEqual([
      { line: 2, content: "a;\nb", labels: ["x"], group: "me" },
      { line: 4, content: "c", labels: undefined, group: "you" },
    ]);
    expect(await all("a.tsv", "body\tfolder\na\tx\n")).toEqual([{ line: 2, content: "a", labels: ["x"] }]);
    // Without the name of its column it is a label, a tab and a text.
    expect(await all("a.tsv", "bodies\tfolder\n")).toEqual([
      { line: 1, content: "folder", labels: ["bodies"] },
    ]);
    expect(await all("standard input", '{"body":"a"}\n{"body":"b"}')).toHaveLength(2);
    expect(await all("standard input", "{ is no object\n")).toEqual([
      { line: 1, content: "{ is no object", labels: undefined },
    ]);
  });

  it.each([
    ["a.jsonl", '{"body":3}\n', "a.jsonl: line 1: body is 3, a string expected"],
    [
      "a.jsonl",
      '{"id":1,"mail":"a"}\n',
      "a.jsonl: line 1: body is missing, a string expected: its keys are id, mail",
    ],
    ["a.jsonl", "{}\n", "a.jsonl: line 1: body is missing, a string expected: its keys are none"],
    ["a.jsonl", '{"bodi":"a"}\n', "a.jsonl: line 1: body is missing, a string expected: did you mean bodi?"],
    [
      "a.jsonl",
      '{"body":"a","folder":["x",{}]}\n',
      "a.jsonl: line 1: folder is an object, a label or a list of labels expected",
    ],
    ["a.csv", "text,folder\na,x\n", 'a.csv has no column "body"'],
    ["a.csv", "body,label\na,x\n", 'a.csv has no column "folder"'],
    [
      "a.csv",
      "body,folder\na,\n",
      'a.csv: line 2 has no label: one under "folder" expected; where rows may have none, an empty list in JSON, or a label separator in a table',
    ],
    ["a.tsv", "sea\tx\nnothing\n", "a.tsv: line 2 has no label: LABEL, a tab and the text expected"],
  ])("%s %j is refused", async (name, text, message) => {
    const read = readLabelledRows(textSource(name, text), readingOf());
    await expect(read).rejects.toThrow(DataError);
    await expect(read).rejects.toThrow(message);
  });
});
