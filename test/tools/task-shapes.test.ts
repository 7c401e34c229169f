// The pictures of docs/task-shapes.md are those that the tool draws, and show as many boxes as there are inputs, steps and outputs.
import { readFileSync } from "node:fs";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { drawShape, shapes } from "../../tools/task-shapes.ts";

test.each(Object.entries(shapes))("%s", (name, steps) => {
  const picture = drawShape(name, steps);
  expect(readFileSync(`docs/${name}.svg`, "utf8")).toBe(picture);
  const { document } = parseHTML(picture);
  const boxes = [...document.querySelectorAll("rect[stroke]")].map((box) => box.getAttribute("y"));
  const rows = [...new Set(boxes)].sort((a, b) => Number(a) - Number(b));
  expect(rows.map((y) => boxes.filter((other) => other === y).length)).toEqual([
    steps.filter(({ output }) => output).length,
    steps.length,
    steps.filter(({ input }) => input).length,
  ]);
  expect(picture).not.toContain("NaN");
});
