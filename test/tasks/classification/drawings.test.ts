// What decided, as a drawing: texts keep every character, series and features their steps.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { trainClassifier } from "../../../src/index.ts";
import { drawExplanation } from "../../../src/tasks/classification/drawing.ts";
import { textInput } from "../../../src/tasks/classification/inputs/text.ts";
import { completeClassification } from "../../../src/tasks/classification/options.ts";
import { classificationTask } from "../../../src/tasks/classification/task.ts";
import { readTaskModel } from "../../../src/tasks/file.ts";
import { rows } from "./rows.ts";

const small = { hidden: 4, embedding: 4, epochs: 1, validation: 0 };

async function opened(given: readonly object[], options: object = {}) {
  const classifier = await trainClassifier(given, { ...small, ...options });
  return classificationTask.open(readTaskModel(classifier.toBytes(), "m"), {});
}

type Opened = Awaited<ReturnType<typeof opened>>;

async function drawn(model: Opened, name: string, text: string) {
  const found = [];
  for await (const drawing of model.explain?.({ input: textSource(name, text) }, {}) ?? []) {
    found.push({ svg: drawing.svg(), lines: drawing.text({ columns: 72 }).split("\n") });
  }
  return found;
}

const HOSTILE =
  'Wave, don\'t <b>sink</b> & "float"\n3.14 \u{1F468}\u200D\u{1F469}\u200D\u{1F467} é e\u0301 <unk> <eos>';

describe("a text", () => {
  it.each(["words", "characters", "bytes"] as const)(
    "of %s is drawn with every character",
    async (tokens) => {
      const model = await opened(rows(30), { tokens });
      const [one] = await drawn(model, "a.jsonl", JSON.stringify({ text: HOSTILE }));
      expect(one?.lines[0]).toMatch(/^(sea|wood|town) 0\.\d{4}$/);
      const squeezed = (text: string) => text.replace(/\s/g, "");
      const marks = /[░▒▓█·\-=≡]/gu;
      const shown = squeezed((one?.lines.slice(1) ?? []).join("").replace(/≡ █ gradient.*$/, ""));
      expect(shown.replace(marks, "")).toBe(squeezed(HOSTILE).replace(marks, ""));
      // Nothing of it is markup.
      expect([one?.svg.includes("<b>"), one?.svg.includes("&#60;")]).toEqual([false, true]);
    },
  );

  it.each(["words", "characters", "bytes"] as const)(
    "in %s has a name for each step that is read",
    (tokens) => {
      const { settings } = completeClassification({ tokens }, 1);
      const reading = { ...settings, input: "text" as const };
      const input = textInput.prepare(
        "rows",
        [{ line: 1, place: "", content: "a 1, b\n", labels: ["x"] }],
        reading,
      );
      const pieces = [
        "<eos>",
        "\n",
        " ",
        "\t",
        "a",
        "B1",
        "don't",
        "3.14",
        "\u{1F600}",
        "<unk>",
        ",",
        "é",
        "-",
        "<",
      ];
      const strange = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(""));
      fc.assert(
        fc.property(fc.oneof(fc.string({ unit: "grapheme", maxLength: 30 }), strange), (text) => {
          const names = input.stepNames(text);
          expect(Math.max(1, names.length)).toBe(input.encode(text).length);
          const svg = drawExplanation(input, text, {
            ...{ label: "t", probability: 1 },
            steps: names.map((name, at) => ({ name, share: at - 1 })),
          }).svg();
          const shown = [...svg.matchAll(/<text [^>]*textLength[^>]*>([^<]*)</g)]
            .map(([, one]) => one)
            .join("");
          const read = shown.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
          expect(read.replace(/\s/gu, "")).toBe(text.replace(/[\s\p{Cc}]/gu, ""));
        }),
        { numRuns: 300 },
      );
    },
  );

  it("without a word is drawn too, and one that is cut as far as it is read", async () => {
    const model = await opened(rows(30), { longest: 2 });
    const [empty, cut] = await drawn(model, "a.txt", "\nship wave salt\n");
    expect(empty?.lines[0]).toMatch(/0\.\d{4}$/);
    expect(cut?.lines.join("\n")).toContain("ship wave salt");
    expect(cut?.svg.match(/<title>/g)?.length).toBe(3); // of the picture, and of two words
  });
});

it("a series is drawn by its columns, with a strip of what decided", async () => {
  const given = Array.from({ length: 20 }, (_, at) => ({
    high: [at % 2, 1, 2],
    low: [0, 0, at % 2],
    label: at % 2 ? "a" : "b",
  }));
  const model = await opened(given, { columns: ["high", "low"] });
  const [one, other] = await drawn(
    model,
    "w.jsonl",
    `${JSON.stringify({ high: [1], low: [2] })}\n${JSON.stringify(given[1])}\n`,
  );
  expect(one?.lines[0]).toMatch(/^[ab] 0\.\d{4}$/);
  expect(other?.lines).toEqual(expect.arrayContaining(["high", "low"]));
  expect(other?.lines.join("\n")).toContain("gradient x input");
  expect(other?.svg).toContain("gradient x input");
});
