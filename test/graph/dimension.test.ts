import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GraphError, ShapeError } from "../../src/errors.ts";
import {
  addDimensions,
  canonicalDimension,
  ceilDivide,
  type Dimension,
  divideDimensions,
  divideWithRemainder,
  evaluateDimension,
  multiplyDimensions,
  printShape,
  sizeOf,
  solveDimension,
  stridesOf,
  subtractDimensions,
  symbolsOf,
} from "../../src/graph/dimension.ts";

/** An expression over sizes, and how to compute it with numbers. */
interface Expression {
  readonly dimension: Dimension;
  readonly value: (sizes: Record<string, number>) => number;
}
const leaf = fc.oneof(
  fc.integer({ min: -9, max: 9 }).map((value): Expression => ({ dimension: value, value: () => value })),
  fc.constantFrom("T", "B", "source_1").map(
    (name): Expression => ({
      dimension: name,
      value: (sizes) => sizes[name] as number,
    }),
  ),
);
const combine =
  (symbolic: (a: Dimension, b: Dimension) => Dimension, numeric: (a: number, b: number) => number) =>
  (parts: [Expression, Expression]): Expression => ({
    dimension: symbolic(parts[0].dimension, parts[1].dimension),
    value: (sizes) => numeric(parts[0].value(sizes), parts[1].value(sizes)),
  });
const { expression } = fc.letrec<{ expression: Expression }>((tie) => {
  const pair = fc.tuple(tie("expression"), tie("expression"));
  return {
    expression: fc.oneof(
      { maxDepth: 3 },
      leaf,
      pair.map(combine(addDimensions, (a, b) => a + b)),
      pair.map(combine(subtractDimensions, (a, b) => a - b)),
      pair.map(combine(multiplyDimensions, (a, b) => a * b)),
      fc.tuple(tie("expression"), fc.integer({ min: 1, max: 5 })).map(
        ([a, by]): Expression => ({
          dimension: ceilDivide(a.dimension, by),
          value: (sizes) => Math.ceil(a.value(sizes) / by),
        }),
      ),
    ),
  };
});
const sizes = fc.record({ T: fc.nat(20), B: fc.nat(20), source_1: fc.nat(20) });

describe("arithmetic", () => {
  test("is that of numbers", () => {
    fc.assert(
      fc.property(expression, sizes, ({ dimension, value }, given) => {
        // -0 is a size like 0.
        expect(evaluateDimension(dimension, given) + 0).toBe(value(given) + 0);
      }),
    );
  });
  test("gives equal polynomials the same text", () => {
    fc.assert(
      fc.property(
        expression,
        expression,
        expression,
        ({ dimension: a }, { dimension: b }, { dimension: c }) => {
          expect(addDimensions(a, b)).toBe(addDimensions(b, a));
          expect(multiplyDimensions(a, b)).toBe(multiplyDimensions(b, a));
          expect(addDimensions(addDimensions(a, b), c)).toBe(addDimensions(a, addDimensions(b, c)));
          expect(multiplyDimensions(a, addDimensions(b, c))).toBe(
            addDimensions(multiplyDimensions(a, b), multiplyDimensions(a, c)),
          );
          expect(subtractDimensions(a, a)).toBe(0);
          expect(addDimensions(subtractDimensions(a, b), b)).toBe(a);
        },
      ),
    );
  });
  test("is printed as a sum of products", () => {
    const steps = addDimensions("T", 1);
    expect(steps).toBe("T+1");
    expect(multiplyDimensions(steps, "B")).toBe("B+B*T");
    expect(multiplyDimensions(multiplyDimensions(3, "T"), multiplyDimensions("B", 4))).toBe("12*B*T");
    expect(subtractDimensions(3, "T")).toBe("-T+3");
    expect(multiplyDimensions(-2, "T")).toBe("-2*T");
    expect(multiplyDimensions("T", 0)).toBe(0);
    expect(subtractDimensions(addDimensions("T", 5), "T")).toBe(5);
    expect(multiplyDimensions("T", "T")).toBe("T*T");
  });
  test("reads what people write, and makes one text of it", () => {
    for (const [written, canonical] of [
      ["1+T*2", "2*T+1"],
      [" B * (T+1) - B", "B*T"],
      ["-(T - 2*B)", "2*B-T"],
      ["T-T", 0],
      ["2*3", 6],
      ["64", 64],
      ["source_1", "source_1"],
      ["ceil((T*2+1)/4)*B", multiplyDimensions(ceilDivide("2*T+1", 4), "B")],
      ["ceil(7/2)", 4],
      ["ceil", "ceil"],
    ] as const)
      expect(canonicalDimension(written)).toBe(canonical);
    expect(multiplyDimensions(1, "1+T")).toBe("T+1");
  });
  test("reads its own texts", () => {
    fc.assert(
      fc.property(expression, expression, ({ dimension: a }, { dimension: b }) => {
        expect(canonicalDimension(`(${a})`)).toBe(a);
        expect(canonicalDimension(`(${a})*(${b})`)).toBe(multiplyDimensions(a, b));
        expect(canonicalDimension(`(${a})-(${b})`)).toBe(subtractDimensions(a, b));
      }),
    );
  });
  test.each([
    "2T",
    "T B",
    "",
    "T+",
    "*T",
    "(T",
    "T)",
    "1.5*T",
    "T/2",
    "ceil(T/0)",
    "ceil(T)",
    "99999999999999999999",
  ])("refuses %j", (text) => {
    expect(() => addDimensions(text, 1)).toThrow(
      new ShapeError(`the size "${text}" given, a whole number or a text such as "T" or "2*T+1" expected`),
    );
  });
  test("divides where there is a quotient", () => {
    fc.assert(
      fc.property(expression, expression, ({ dimension: a }, { dimension: b }) => {
        expect(divideDimensions(multiplyDimensions(a, b), b)).toBe(b === 0 ? undefined : a);
      }),
    );
    expect(divideDimensions("T*T-1", "T+1")).toBe("T-1");
    for (const [a, b] of [
      ["T", 2],
      ["T+1", "T"],
      ["2*T*B", "3*B"],
      [7, 2],
      ["B", "T"],
      [0, 0],
    ] as const)
      expect(divideDimensions(a, b)).toBeUndefined();
  });
});

describe("division with a remainder", () => {
  const steps = multiplyDimensions(4, "B");
  const cases: [Dimension, Dimension, Dimension, Dimension][] = [
    [7, 3, 2, 1],
    [-7, 3, -3, 2],
    [0, "B", 0, 0],
    // Rows of 4 columns, B of them at every step: a step further, its third column, the last step of T.
    [steps, 4, "B", 0],
    [addDimensions(steps, 2), 4, "B", 2],
    ["B", "B", 1, 0],
    [multiplyDimensions(subtractDimensions("T", 1), steps), steps, "T-1", 0],
    [subtractDimensions(steps, 4), steps, 0, "4*B-4"],
    [multiplyDimensions(7, "B"), steps, 1, "3*B"],
    [multiplyDimensions("B", "T"), addDimensions(multiplyDimensions("B", "T"), 1), 0, "B*T"],
    [multiplyDimensions(addDimensions("T", 1), addDimensions("B", "T")), addDimensions("B", "T"), "T+1", 0],
    [multiplyDimensions(8, ceilDivide("T", 8)), ceilDivide("T", 8), 8, 0],
  ];
  test.each(cases)("%s by %s", (a, b, quotient, remainder) => {
    expect(divideWithRemainder(a, b)).toEqual({ quotient, remainder });
  });
  test.each([
    [2, "B"],
    ["T", "B"],
    ["T", 3],
    [addDimensions("B", -2), "B"],
    ["B", 0],
    ["B", subtractDimensions("T", 1)],
    [5, -3],
  ] as const)("%s by %s depends on the sizes, or is none", (a, b) => {
    expect(divideWithRemainder(a, b)).toBeUndefined();
  });
  test("is that of numbers, where there is one", () => {
    const withoutCeilings = expression.filter(({ dimension }) => !String(dimension).includes("ceil"));
    const fromOne = fc.record({
      T: fc.integer({ min: 1, max: 20 }),
      B: fc.integer({ min: 1, max: 20 }),
      source_1: fc.integer({ min: 1, max: 20 }),
    });
    let found = 0;
    fc.assert(
      fc.property(withoutCeilings, withoutCeilings, fromOne, ({ dimension: a }, { dimension: b }, given) => {
        const result = divideWithRemainder(a, b);
        if (!result) return;
        if (typeof b !== "number" || typeof a !== "number") found += 1;
        const [whole, by] = [evaluateDimension(a, given), evaluateDimension(b, given)];
        const times = Math.floor(whole / by);
        expect(evaluateDimension(result.quotient, given) + 0).toBe(times + 0);
        expect(evaluateDimension(result.remainder, given) + 0).toBe(whole - by * times + 0);
      }),
      { numRuns: 2000 },
    );
    expect(found).toBeGreaterThan(100);
  });
});

test("sizes and strides of shapes", () => {
  expect(sizeOf(["T", "B", 4])).toBe("4*B*T");
  expect(sizeOf([])).toBe(1);
  expect(stridesOf(["T", "B", 4])).toEqual(["4*B", 4, 1]);
  expect(printShape(["T", 3])).toBe("(T, 3)");
});

describe("symbols", () => {
  test("are found, within rounding too", () => {
    expect(symbolsOf(7)).toEqual([]);
    expect(symbolsOf(multiplyDimensions(addDimensions("T", 1), "B")).sort()).toEqual(["B", "T"]);
    expect(symbolsOf(multiplyDimensions(ceilDivide(addDimensions("T", "S"), 4), "B")).sort()).toEqual([
      "B",
      "S",
      "T",
    ]);
  });
  test("without a value are refused by name", () => {
    expect(() => evaluateDimension(multiplyDimensions("T", "B"), { T: 2 })).toThrow(GraphError);
    expect(() => evaluateDimension(multiplyDimensions("T", "B"), { T: 2 })).toThrow(
      "the size of B is not known",
    );
  });
});

describe("solving for the one unknown", () => {
  test("gives the value back", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: -9, max: 9 }),
        fc.nat(50),
        (factor, add, value) => {
          const dimension = addDimensions(multiplyDimensions(factor, "T"), add);
          expect(solveDimension(dimension, factor * value + add)).toEqual({ symbol: "T", value });
        },
      ),
    );
  });
  test("gives what is no size where none fits", () => {
    expect(solveDimension(multiplyDimensions(2, "T"), 5)).toEqual({ symbol: "T", value: 2.5 });
    expect(solveDimension("T+1", 0)).toEqual({ symbol: "T", value: -1 });
  });
  test("says nothing where it cannot be told", () => {
    expect(solveDimension(5, 5)).toBeUndefined();
    expect(solveDimension(multiplyDimensions("T", "B"), 6)).toBeUndefined();
    expect(solveDimension(addDimensions("T", "B"), 6)).toBeUndefined();
    expect(solveDimension(multiplyDimensions("T", "T"), 4)).toBeUndefined();
    expect(solveDimension(ceilDivide("T", 2), 5)).toBeUndefined();
  });
});

test("rounding up", () => {
  expect(ceilDivide(7, 3)).toBe(3);
  expect(ceilDivide("T", 1)).toBe("T");
  const chunks = ceilDivide("T", 3);
  expect(chunks).toBe(ceilDivide("T", 3));
  expect([0, 1, 3, 4].map((T) => evaluateDimension(chunks, { T }))).toEqual([0, 1, 1, 2]);
  expect(ceilDivide(addDimensions("T", -1), 3)).not.toBe(addDimensions(ceilDivide("T", 3), -1));
});
