/**
 * The labels of a product of two tensors, as in "tbi,ih->tbh": one letter an axis; labels that the result lacks are
 * summed over. Every label stands at least twice, so that the gradient of a product is again a product.
 */

import { ShapeError } from "../errors.ts";

export interface Labels {
  readonly a: string;
  readonly b: string;
  readonly result: string;
}

/** Throws ShapeError for labels that are malformed, repeated within one operand, or found only once. */
export function parseLabels(labels: string): Labels {
  const match = /^([a-z]*),([a-z]*)->([a-z]*)$/i.exec(labels);
  if (!match) throw new ShapeError(`einsum: "${labels}" given, labels such as "bi,ih->bh" expected`);
  const [, a = "", b = "", result = ""] = match;
  for (const part of [a, b, result]) {
    if (new Set(part).size !== part.length)
      throw new ShapeError(`einsum: a label repeats within "${part}" of "${labels}"`);
    for (const label of part) {
      const count = [a, b, result].filter((other) => other.includes(label)).length;
      if (count < 2)
        throw new ShapeError(`einsum: the label "${label}" of "${labels}" stands in one place only`);
    }
  }
  return { a, b, result };
}

export function joinLabels({ a, b, result }: Labels): string {
  return `${a},${b}->${result}`;
}

/** Labels renamed a, b, c, ... in order of appearance, so that equal products are equal nodes. */
export function canonicalLabels({ a, b, result }: Labels): Labels {
  const names = new Map<string, string>();
  const rename = (part: string) =>
    [...part]
      .map((label) => {
        const name = names.get(label) ?? String.fromCharCode(97 + names.size);
        names.set(label, name);
        return name;
      })
      .join("");
  return { a: rename(a), b: rename(b), result: rename(result) };
}

/** A letter that none of the labels uses. */
export function freshLabel(...used: string[]): string {
  const taken = new Set(used.join(""));
  for (let code = 97; code < 123; code += 1) {
    const label = String.fromCharCode(code);
    if (!taken.has(label)) return label;
  }
  throw new ShapeError(`einsum: more than 26 axes in "${used.join(",")}"`);
}

/** The roles that labels play in the product as loops: batch (in all), rows (a and result), columns (b and result), inner (a and b). */
export function labelRoles({ a, b, result }: Labels) {
  const within = (label: string, ...parts: string[]) => parts.every((part) => part.includes(label));
  return {
    batch: [...result].filter((label) => within(label, a, b)),
    rows: [...result].filter((label) => within(label, a) && !b.includes(label)),
    columns: [...result].filter((label) => within(label, b) && !a.includes(label)),
    inner: [...a].filter((label) => within(label, b) && !result.includes(label)),
  };
}
