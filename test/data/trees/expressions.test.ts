// Expressions as trees: precedence, signs, roles, labels, and what is no expression.
import fc from "fast-check";
import { expect, it, test } from "vitest";
import { type Tree, treeTokens } from "../../../src/data/trees/tree.ts";
import { DataError } from "../../../src/errors.ts";
import { nonsense, readAll } from "../../helpers/trees.ts";

const read = (text: string) => readAll("x.txt", text, { form: "expressions" });

/** With parentheses around every operator. */
function explicit({ nodes }: Tree, at = nodes.length - 1): string {
  const { token, children } = nodes[at] as Tree["nodes"][number];
  const [left, right] = children.map((child) => explicit({ nodes }, child));
  if (left === undefined) return token as string;
  return right === undefined ? `(${token} ${left})` : `(${left} ${token} ${right})`;
}

test.each([
  ["1", "1"],
  ["((x_1))", "x_1"],
  ["1 + 2 * 3", "(1 + (2 * 3))"],
  ["1*2+3", "((1 * 2) + 3)"],
  ["10 - 4 - 3.5e-2", "((10 - 4) - 3.5e-2)"],
  ["8 / 4 * 2 % 3", "(((8 / 4) * 2) % 3)"],
  ["2 ^ 3 ^ 4", "(2 ^ (3 ^ 4))"],
  ["2 ** 3 * 4", "((2 ** 3) * 4)"],
  ["-2 ^ 2", "(- (2 ^ 2))"],
  ["2 ^ -1 + 3", "((2 ^ (- 1)) + 3)"],
  ["2 * -x + 3", "((2 * (- x)) + 3)"],
  ["- - 1", "(- (- 1))"],
  ["(1 + 2) * 3", "((1 + 2) * 3)"],
  ["a or b and c", "(a or (b and c))"],
  ["a | b & !c", "(a | (b & (! c)))"],
  ["not a = b and c", "((not (a = b)) and c)"],
  ["!a == b", "((! a) == b)"],
  ["a -> b -> c", "(a -> (b -> c))"],
  ["a xor b or c", "((a xor b) or c)"],
  ["p & q -> r <-> ~p", "(((p & q) -> r) <-> (~ p))"],
  ["a + 1 < 2 * b", "((a + 1) < (2 * b))"],
  ["α && nota", "(α && nota)"],
])("%s", async (text, expected) => {
  expect((await read(text)).map((tree) => explicit(tree))).toEqual([expected]);
});

it("has the label after a tab, roles, places and positions in the order of the text", async () => {
  expect(await read("\n-(x) * 2\t a b\n")).toEqual([
    {
      nodes: [
        { token: "x", role: "name", position: 1, children: [], line: 2, column: 3 },
        { token: "-", role: "prefix", position: 0, children: [0], line: 2, column: 1 },
        { token: "2", role: "number", position: 3, children: [], line: 2, column: 8 },
        { token: "*", role: "infix", position: 2, children: [1, 2], line: 2, column: 6, label: "a b" },
      ],
    },
  ]);
});

test.each([
  ["1 +", "column 4: the expression ends, a number, a name or ( expected"],
  ["\t3", "column 1: the expression ends, a number, a name or ( expected"],
  ["1 2", 'column 3: "2" given, an operator expected'],
  ["2x", 'column 2: "x" given, an operator expected'],
  ["a (b)", 'column 3: "(" given, an operator expected'],
  ["a not b", 'column 3: "not" given, an operator expected'],
  ["* 2", 'column 1: "*" given, a number, a name or ( expected'],
  ["1 + ) ", 'column 5: ")" given, a number, a name or ( expected'],
  ["()", 'column 2: ")" given, a number, a name or ( expected'],
  ["1)", 'column 2: ")" closes no parenthesis'],
  ["(1 + (2)", "column 1: a parenthesis is opened and never closed"],
  ["a < b < c", 'column 7: a second comparison "<", parentheses expected'],
  ["1 $ 2", 'column 3: "$" is no part of an expression'],
  ["1 +\u00a02", 'column 4: "\u00a0" is no part of an expression'],
  ["👍", 'column 1: "👍" is no part of an expression'],
])("%j is refused", async (text, message) => {
  await expect(read(`1\n${text}`)).rejects.toThrow(new DataError(`x.txt: line 2, ${message}`));
});

it("gives an expression with all parentheses back as it is, and one of numbers the value that JavaScript finds", async () => {
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 8, depthSize: "small" },
      fc.constantFrom("1", "2", "3"),
      fc
        .tuple(tie("value"), fc.constantFrom("+", "-", "*", "<="), tie("value"))
        .map(([a, by, b]) => `(${a} ${by} ${b})`),
      tie("value").map((a) => `(- ${a})`),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(value, async (text) => {
      expect((await read(text)).map((tree) => explicit(tree))).toEqual([text]);
    }),
  );
  const flat = fc.array(
    fc.tuple(fc.constantFrom("", "-", "+"), fc.nat({ max: 9 }), fc.constantFrom("+", "-", "*", "/", "%")),
    { minLength: 1 },
  );
  await fc.assert(
    fc.asyncProperty(flat, async (parts) => {
      const text = `${parts.map(([sign, number, by]) => `${sign} ${number} ${by}`).join(" ")} 7`;
      const [tree] = await read(text);
      expect(evaluate(explicit(tree as Tree))).toBe(evaluate(text));
    }),
  );
});

const evaluate = (text: string): unknown => new Function(`return ${text}`)();

it("reads nonsense as trees of all its tokens, or refuses it with its place", async () => {
  await fc.assert(
    fc.asyncProperty(nonsense("(", ")", "+", "-", "not", " ", "a", "1", "<", "\n", "\t"), async (text) => {
      const trees = await read(text).catch((error: unknown) => error);
      if (Array.isArray(trees)) {
        for (const tree of trees) expect(treeTokens(tree)).toHaveLength(tree.nodes.length);
      } else {
        expect(trees).toBeInstanceOf(DataError);
        expect((trees as Error).message).toMatch(/^x\.txt: line \d+, column \d+: .+$/);
      }
    }),
    { numRuns: 1000 },
  );
});
