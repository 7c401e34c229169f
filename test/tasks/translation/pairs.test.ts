// Pairs of texts out of files: two line by line, tables, JSON Lines, lines with tabs; and the texts that are to be translated.
import { describe, expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { DataError, FormatError, UsageError } from "../../../src/errors.ts";
import { guessed } from "../../../src/tasks/translation/guess.ts";
import { identifyPairs, locationsOf, pairsIdentityOfJson } from "../../../src/tasks/translation/identity.ts";
import { completeReading } from "../../../src/tasks/translation/options.ts";
import {
  evaluationPairs,
  heldOutPairs,
  readPairs,
  readSources,
  trainingPairs,
} from "../../../src/tasks/translation/pairs.ts";

const usual = completeReading({});
const parallel = (source: string, target: string) => ({
  source: textSource("train.en", source),
  target: textSource("train.de", target),
});
const one = (name: string, text: string) => ({ pairs: textSource(name, text) });
const bytes = (name: string, ...given: number[]) => {
  const blob = new Blob([Uint8Array.from(given)]);
  return { name, size: blob.size, arrayBuffer: () => blob.arrayBuffer(), stream: () => blob.stream() };
};

describe("two files", () => {
  it("are read line by line; empty lines keep their place, the last one may have no end", async () => {
    const { name, pairs } = await readPairs(parallel("\uFEFFa b\r\n\n c\td", "A\nB\nC\n"), usual);
    expect(name).toBe("train.en and train.de");
    expect(pairs).toEqual([
      { source: "a b", target: "A", line: 1 },
      { source: "", target: "B", line: 2 },
      { source: " c\td", target: "C", line: 3 },
    ]);
  });

  it.each([
    ["a\nb\nc\n", "A\n", "train.en has 3 lines and train.de has 1: as many in both expected"],
    ["a\n", "A\nB\nC\nD", "train.en has 1 line and train.de has 4: as many in both expected"],
    ["", "A\n", "train.en has 0 lines and train.de has 1: as many in both expected"],
    ["", "", "train.en and train.de: no pairs, one or more expected"],
  ])("that do not fit are refused: %j %j", async (source, target, message) => {
    await expect(readPairs(parallel(source, target), usual)).rejects.toThrow(new DataError(message));
  });

  it("that are no UTF-8 are refused with the file and the line", async () => {
    const files = { source: textSource("a", "x\ny\n"), target: bytes("b", 0x41, 0x0a, 0xff, 0x0a) };
    await expect(readPairs(files, usual)).rejects.toThrow(/^b: byte 2 \(0xFF, line 2\) is not valid UTF-8/);
  });
});

describe("one file", () => {
  const two = [
    { source: "a, b", target: "A", line: 2 },
    { source: "c", target: "C", line: 3 },
  ];

  it.each([
    ["x.csv", 'source,target\n"a, b",A\nc,C\n'],
    ["x.csv", 'note;target;source\n1;A;"a, b"\n2;C;c\n'],
    ["x.tsv", "source\ttarget\na, b\tA\nc\tC\n"],
    ["x.jsonl", '\n{"source":"a, b","target":"A"}\n{"source":"c","target":"C","more":1}\n'],
    ["x.txt", '{"source":"a, b","target":"A"}\n{"source":"c","target":"C"}\n'],
  ])("is a table or JSON Lines: %s %j", async (name, text) => {
    const { pairs } = await readPairs(one(name, text), usual);
    expect(pairs.map(({ source, target }) => [source, target])).toEqual([
      ["a, b", "A"],
      ["c", "C"],
    ]);
    if (!name.endsWith("txt")) expect(pairs).toEqual(two);
  });

  it("has other columns where they are named", async () => {
    const reading = completeReading({ sourceColumn: "en", targetColumn: "de", delimiter: "|" });
    const { pairs } = await readPairs(one("x.csv", "de|en,x|en\nA|?|a\n"), reading);
    expect(pairs).toEqual([{ source: "a", target: "A", line: 2 }]);
  });

  it("is lines of a text, a tab and a translation; blank lines are passed over", async () => {
    const { pairs } = await readPairs(one("x.tsv", 'a "b\tA\n\n\tB\nsource\tquelle\n'), usual);
    expect(pairs).toEqual([
      { source: 'a "b', target: "A", line: 1 },
      { source: "", target: "B", line: 3 },
      { source: "source", target: "quelle", line: 4 },
    ]);
  });

  it.each([
    ["x.tsv", "a\tA\nb\n", "x.tsv: line 2 has 1 cell: a text, a tab and its translation expected"],
    [
      "x.tsv",
      "a\tA\tCC-BY\n",
      "x.tsv: line 1 has 3 cells: a text, a tab and its translation expected, or first",
    ],
    ["x.csv", "source,goal\na,A\n", 'x.csv has no column "target": its columns are source, goal'],
    [
      "x.jsonl",
      '{"source":"a"}\n',
      "x.jsonl: line 1: target is missing, a text expected: its keys are source",
    ],
    ["x.jsonl", '{"source":"a","target":3}\n', "x.jsonl: line 1: target is 3, a text expected"],
    ["x.jsonl", '{"source":"a",\n', "x.jsonl: line 1 is not JSON"],
    ["x.csv", "source,target\n", "x.csv: no pairs, one or more expected"],
    ["x.tsv", "", "x.tsv: no pairs, one or more expected"],
  ])("is refused: %s %j", async (name, text, message) => {
    const told = readPairs(one(name, text), usual);
    await expect(told).rejects.toThrow(DataError);
    await expect(told).rejects.toThrow(message);
  });
});

it("files of a command are pairs or both sides", () => {
  const [a, b] = [textSource("a", "1"), textSource("b", "2")];
  expect(trainingPairs({ pairs: a })).toEqual({ pairs: a });
  expect(trainingPairs({ source: a, target: b })).toEqual({ source: a, target: b });
  expect(evaluationPairs({ input: a })).toEqual({ pairs: a });
  expect(evaluationPairs({ source: a, target: b })).toEqual({ source: a, target: b });
  expect(heldOutPairs({ validationSource: a, validationTarget: b })).toEqual({ source: a, target: b });
  expect(heldOutPairs({ validationPairs: b })).toEqual({ pairs: b });
  expect(heldOutPairs({ pairs: a })).toBeUndefined();
  expect(() => trainingPairs({ source: a })).toThrow(new UsageError("no file of pairs given"));
});

describe("texts to translate", () => {
  const texts = async (name: string, text: string, column = "source") => {
    const found: string[] = [];
    const reading = { sourceColumn: column, delimiter: undefined };
    for await (const one of readSources(textSource(name, text), reading)) found.push(one);
    return found;
  };

  it("are the lines of a file, whatever they hold", async () => {
    expect(await texts("x.en", "source, target\n\n{}\na\tb")).toEqual(["source, target", "", "{}", "a\tb"]);
    expect(await texts("x", "")).toEqual([]);
  });

  it("are the first cells of lines with tabs, as a training reads them", async () => {
    expect(await texts("x.tsv", "one\teins\n\ntwo\n")).toEqual(["one", "", "two"]);
    expect(await texts("x.tsv", "target\tsource\neins\tone\n")).toEqual(["one"]);
  });

  it("are a column of a table, or a key of JSON Lines, where the name says so", async () => {
    expect(await texts("x.csv", "source,target\na,A\n,\n")).toEqual(["a", ""]);
    expect(await texts("x.jsonl", '{"en":"a"}\n{"en":""}\n', "en")).toEqual(["a", ""]);
    await expect(texts("x.jsonl", '{"en":"a"}\n')).rejects.toThrow("x.jsonl: line 1: source is missing");
  });
});

describe("identity", () => {
  const pairs = [{ source: "a\tb", target: "c", line: 1 }];

  it("says where files are, and differs for different pairs alone", async () => {
    const files = parallel("a\tb\n", "c\n");
    const located = {
      source: { ...files.source, location: "/x/train.en" },
      target: { ...files.target, location: "/x/train.de" },
    };
    const found = identifyPairs(await readPairs(files, usual), located);
    expect(found).toMatchObject({
      name: "train.en and train.de",
      rows: 1,
      files: { source: "/x/train.en", target: "/x/train.de" },
    });
    expect(identifyPairs({ name: "list", pairs })).toEqual({ ...found, name: "list", files: {} });
    const other = identifyPairs({ name: "list", pairs: [{ source: "a", target: "b\tc", line: 1 }] });
    expect(other.fingerprint).not.toBe(found.fingerprint);
    expect(pairsIdentityOfJson(JSON.parse(JSON.stringify(found)), "file")).toEqual(found);
    const held = identifyPairs(
      { name: "val", pairs },
      { pairs: { ...files.source, location: "/x/val.tsv" } },
    );
    expect(locationsOf(found, held)).toEqual({
      source: "/x/train.en",
      target: "/x/train.de",
      validationPairs: "/x/val.tsv",
    });
    expect(locationsOf(found, found)).toMatchObject({
      validationSource: "/x/train.en",
      validationTarget: "/x/train.de",
    });
    expect(locationsOf(found, null)).toEqual(found.files);
  });

  it.each([{ source: "a" }, { pairs: 3 }, { pairs: "a", source: "b" }, null, "a"])(
    "of files %j is refused",
    (files) => {
      const json = { ...identifyPairs({ name: "list", pairs }), files };
      expect(() => pairsIdentityOfJson(json, "file")).toThrow(FormatError);
    },
  );
});

it.each<[string, string[], boolean]>([
  ["x.tsv", ["source\ttarget", "a\tA"], true],
  ["x.csv", ["", "id,target,source"], true],
  ["x.jsonl", ['{"source":"a","target":"A"}'], true],
  ["x.jsonl", ['{"source":"a","target":1}'], false],
  ["x.jsonl", ["{"], false],
  ["x.tsv", ["a\tA", "b\tB"], false],
  ["x.txt", ["the source of the target"], false],
  ["x.txt", [], false],
])("a file is guessed to be pairs by what its first line names: %s %j", (name, lines, isGuessed) => {
  expect(guessed({ name, lines })).toBe(isGuessed ? `${name} has sources and targets` : undefined);
});
