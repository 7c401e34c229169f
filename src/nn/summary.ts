/** The weights of a model as a table for people to read. */

import { parameters } from "./model.ts";

/**
 * A table of a model's weights, a line each, in the order of the model: name, layer, shape, number of elements, and whether
 * it is trained; then their total. A weight that stands in several places has one line.
 *
 *     console.log(summary({ embed: embedding(50, 8), head: linear(8, 50) }));
 *
 *     weight        layer             shape    numbers  trained
 *     embed.weight  embedding(50, 8)  (50, 8)      400  yes
 *     head.weight   linear(8, 50)     (50, 8)      400  yes
 *     head.bias     linear(8, 50)     (50)          50  yes
 *     total                                        850  850
 *
 * Throws UsageError for a model without weights, as `parameters` does.
 */
export function summary(model: object): string {
  const weights = Object.entries(parameters(model));
  const countOf = (trained: boolean) =>
    weights.reduce((sum, [, { count, trainable }]) => sum + (trainable || !trained ? count : 0), 0);
  const heads = ["weight", "layer", "shape", "numbers", "trained"];
  const rows = [
    heads,
    ...weights.map(([name, { layer, dimensions, count, trainable }]) => [
      name,
      layer ?? "",
      `(${dimensions.join(", ")})`,
      grouped(count),
      trainable ? "yes" : "no",
    ]),
    ["total", "", "", grouped(countOf(false)), grouped(countOf(true))],
  ];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  const line = (row: readonly string[]) =>
    row
      .map((text, column) =>
        column === 3 ? text.padStart(widths[column] as number) : text.padEnd(widths[column] as number),
      )
      .join("  ")
      .trimEnd();
  return rows.map(line).join("\n");
}

/** A whole number with its thousands apart: 1,234,567. */
const grouped = (count: number) => count.toLocaleString("en");
