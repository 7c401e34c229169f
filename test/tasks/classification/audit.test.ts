// What is said of rows before anything is learnt: what stands there twice, what is cut, what is not known.
import { expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { classificationTask } from "../../../src/tasks/classification/task.ts";
import type { Told } from "../../../src/tasks/task.ts";
import { rows, tabbed } from "./rows.ts";

const options = { hidden: 2, embedding: 2, epochs: 1 };

/** What is found in rows; `heldOut` is a file of its own. */
async function audited(text: string, more: object = {}, heldOut?: string): Promise<Told> {
  const files = {
    rows: textSource("rows.tsv", text),
    ...(heldOut !== undefined && { heldOut: textSource("held.tsv", heldOut) }),
  };
  const share = heldOut === undefined ? { validation: 0.2 } : {};
  const begun = await classificationTask.begin(files, { ...options, ...share, ...more }, {});
  return begun.audit as Told;
}

const fifty = tabbed(rows(50));

it("tells rows, labels and how long texts are, and nothing of what is as it should be", async () => {
  const text = tabbed(
    Array.from({ length: 12 }, (_, at) => ({ text: `word ${at}`, label: at % 2 ? "a" : "b" })),
  );
  const { lines, json } = await audited(text, { vocabulary: 100, validation: 0 });
  expect(lines).toEqual([
    "rows.tsv: 12 rows of texts, 2 labels",
    "texts of 2.0 words in the mean, 2 at most",
  ]);
  expect(json).toEqual({
    ...{ rows: 12, labels: { a: 6, b: 6 }, words: 2, longest: 2, empty: 0, distinct: 12 },
    ...{ alike: [], without: 0, equal: 0, contradicting: 0, shared: 0, cut: 0, unknownTokens: null },
  });
});

it("equal rows, those of them that contradict an earlier one, rare labels and empty texts", async () => {
  const odd = "sea\tship\nsea\tship\nwood\tship\nodd\t \nodd\t\n";
  const { lines, json } = await audited(`${fifty}${odd}`);
  expect(lines).toContain("1 label with fewer than 5 rows");
  expect(lines[1]).toMatch(/^texts of \d\.\d words in the mean, 8 at most; 2 texts without a word$/);
  expect(lines.filter((line) => line.includes("equal to an earlier one"))).toEqual([
    "2 rows equal to an earlier one, kept on its side of the split; 1 of them with another label",
  ]);
  expect(json).toMatchObject({ equal: 2, contradicting: 1, empty: 2 });
});

it("labels that may be meant as one", async () => {
  const labels = ["spam", "Spam", " spam", "ham", "HAM", "eggs", "__proto__"];
  const text = tabbed(
    Array.from({ length: 70 }, (_, at) => ({ text: `word ${at}`, label: labels[at % 7] as string })),
  );
  const { lines, json } = await audited(text);
  expect(lines).toContain(
    'labels that differ in case or blanks alone: " spam", "Spam", "spam", and 1 more such',
  );
  expect(json).toMatchObject({
    alike: [
      [" spam", "Spam", "spam"],
      ["HAM", "ham"],
    ],
  });
});

it("rows that are cut, in tokens and in steps of several numbers", async () => {
  const cut = await audited(`${fifty}sea\t${"ship ".repeat(20)}\n`, { longest: 8, validation: 0 });
  expect(cut.lines).toContain("1 row longer than 8 steps, cut there (--longest)");
  expect(cut.json).toMatchObject({ cut: 1 });
  expect((await audited(fifty, { longest: 0, validation: 0 })).json).toMatchObject({ cut: 0 });
  const series = [2, 3, 4, 5].map((steps, at) => {
    const list = Array.from({ length: steps }, (_, step) => step);
    return JSON.stringify({ x: list, y: list, label: at % 2 ? "a" : "b" });
  });
  const { audit } = await classificationTask.begin(
    { rows: textSource("w.jsonl", series.join("\n")) },
    { ...options, columns: ["x", "y"], longest: 3, validation: 0 },
    {},
  );
  expect(audit?.lines).toEqual([
    "w.jsonl: 4 rows of series, 2 labels",
    "3.5 steps in the mean, 2 to 5",
    "2 labels with fewer than 5 rows",
    "2 rows longer than 3 steps, cut there (--longest)",
  ]);
});

it("held-out tokens that are not known, and held-out rows that are trained on", async () => {
  const held = "sea\tship zebra zebra zebra\nwood\ttree\n";
  const { lines, json } = await audited(`${fifty}wood\ttree\n`, {}, held);
  expect(lines).toContain("1 held-out row equal to one that is trained on: the figures will be too good");
  expect(lines).toContain("60.0 % of the held-out tokens are unknown");
  expect(json).toMatchObject({ shared: 1, unknownTokens: 0.6 });
  const bytes = await audited(fifty, { tokens: "bytes" }, held);
  expect(bytes.json).toMatchObject({ unknownTokens: null });
});

it("rows without any label where a row can have several, groups, and a column that is not of texts", async () => {
  const table = (row: (at: number) => string) =>
    `text,label,who\n${Array.from({ length: 30 }, (_, at) => row(at)).join("\n")}\n`;
  const begin = async (text: string, more: object) =>
    (await classificationTask.begin({ rows: textSource("rows.csv", text) }, { ...options, ...more }, {}))
      .audit?.lines;
  const several = { labelSeparator: ";", group: "who" };
  expect(
    await begin(
      table((at) => `words ${at},${["", "a", "a; b"][at % 3]},${at % 10}`),
      several,
    ),
  ).toEqual(
    expect.arrayContaining(["rows.csv: 30 rows of texts, 2 labels, 10 groups", "10 rows without any label"]),
  );
  const constant = await begin(
    table((at) => `yes,${at % 2 ? "a" : "b"},1`),
    { validation: 0 },
  );
  expect(constant).toContain("only 1 different in 30 rows: is this the column of the texts?");
});
