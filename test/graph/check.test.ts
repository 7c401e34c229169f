import { describe, expect, test } from "vitest";
import { GraphError } from "../../src/errors.ts";
import { type BodyParts, body } from "../../src/graph/body.ts";
import * as build from "../../src/graph/build.ts";
import { checkGraph } from "../../src/graph/check.ts";
import { type Node, node } from "../../src/graph/node.ts";
import { bodyArguments, scanOutput } from "../../src/graph/traverse.ts";

const state = { shape: ["B", 3], dtype: "float32" } as const;
const h = node("input", [], { name: "h", ...state });
const variable = node("variable", [], { variable: { id: -9, name: "w" }, ...state });
const short = build.sum(h, [1]);
const argument = (
  index: number,
  scope: number,
  type: { shape: readonly (string | number)[]; dtype: "float32" | "int32" } = state,
) => node("argument", [], { index, scope, ...type });
const past = (output: number, distance: number, scope = 0, inputs: Node[] = []) =>
  node("past", inputs, { output, distance, scope, ...state });

/** The final state, or output, of a scan whose step gives these. */
function scanned(results: (own: Node) => Partial<BodyParts>): Node {
  const open = {
    states: [state],
    sequences: [],
    captures: [],
    inboxes: [],
    next: [],
    outputs: [],
    sends: [],
  };
  const [own] = bodyArguments(open) as [Node];
  const scan = node("scan", [h], {
    body: body({ ...open, next: [own], ...results(own) }),
    length: "T",
    reverse: false,
    recompute: false,
  });
  return scanOutput(scan, 0);
}

/** A node that was not made by `node`, as a rewrite gone wrong might leave one. */
const forged = (original: Node, changes: Partial<Node>): Node => ({ ...original, ...changes });

test("what is legal passes", () => {
  expect(() => checkGraph([])).not.toThrow();
  expect(() =>
    checkGraph([build.add(h, variable), scanned((own) => ({ next: [build.negate(own)] }))]),
  ).not.toThrow();
  expect(() => checkGraph([scanned((own) => ({ next: [past(0, 2)], outputs: [own] }))])).not.toThrow();
});

describe("what is not legal is refused by name", () => {
  const cases: [string, RegExp, () => Node][] = [
    [
      "an argument outside of a scan",
      /^argument \d+, float32 \(B, 3\): it belongs to a scan/,
      () => argument(0, 0),
    ],
    [
      "a read of the past outside of a scan",
      /^past \d+.*: it belongs to a scan/,
      () => build.negate(past(0, 1)),
    ],
    [
      "an argument of an unfinished scan",
      /^argument \d+, float32 \(B, 3\) in scan \d+: it belongs to the unfinished scan 77/,
      () => scanned(() => ({ next: [argument(0, 77)] })),
    ],
    [
      "an argument that the body does not have",
      /argument 5 is missing/,
      () => scanned((own) => ({ next: [build.add(own, argument(5, 0))] })),
    ],
    [
      "an argument of another type",
      /argument 0 is float32 \(B, 3\)/,
      () =>
        scanned((own) => ({ next: [own], outputs: [argument(0, 0, { shape: ["B", 4], dtype: "float32" })] })),
    ],
    [
      "a variable within a step",
      /^variable \d+.* in scan \d+: a step may read it as a capture only/,
      () => scanned((own) => ({ next: [build.add(own, variable)] })),
    ],
    ["an input within a step", /^input \d+.*capture only/, () => scanned(() => ({ next: [h] }))],
    [
      "a read of an output that is not there",
      /output 3 is missing/,
      () => scanned((own) => ({ next: [build.add(own, past(3, 1))] })),
    ],
    [
      "a read of an output of another type",
      /output 0 is float32 \(B\)/,
      () => scanned((own) => ({ next: [past(0, 1)], outputs: [build.sum(own, [1])] })),
    ],
    [
      "a read of the step itself",
      /it reads 0 steps back/,
      () => scanned((own) => ({ next: [past(0, 0)], outputs: [own] })),
    ],
    [
      "a step with too few states",
      /the step gives 0 of 1 states/,
      () => scanned((own) => ({ next: [], outputs: [own] })),
    ],
    [
      "a send to a row that does not exist",
      /is sent to the steps int32 \(N\)/,
      () =>
        scanned((own) => ({
          next: [own],
          inboxes: [state],
          sends: [{ inbox: 0, index: build.convert(node("iota", [], { size: "N" }), "int32"), value: own }],
        })),
    ],
    ["an int32 that is none", /1.5 is no int32/, () => build.constant(1.5, "int32")],
    ["a bool that is none", /2 is no bool/, () => build.constant(2, "bool")],
    ["a sum over no axes", /no axes to go over/, () => node("sum", [h], { axes: [] })],
    [
      "axes that become one",
      /two axes become one in \(0, 0\)/,
      () =>
        node("broadcast", [node("input", [], { name: "s", shape: [2, 2], dtype: "float32" })], {
          shape: [2, 2],
          axes: [0, 0],
        }),
    ],
    [
      "two inputs of one name",
      /the input h is declared as float32 \(B, 3\) too/,
      () =>
        build.concat(
          [
            build.reshape(h, ["B", 3, 1]),
            build.reshape(node("input", [], { name: "h", shape: ["B", 3, 1], dtype: "float32" }), [
              "B",
              3,
              1,
            ]),
          ],
          0,
        ),
    ],
    [
      "too many inputs",
      /3 inputs given, 2 expected/,
      () => forged(build.add(h, variable), { inputs: [h, variable, h] }),
    ],
    [
      "a shape that the rule does not give",
      /another node is equal to it/,
      () => forged(build.negate(h), { shape: ["B", 4] }),
    ],
    [
      "inputs that the rule refuses",
      /add: shapes \(B, 3\) and \(B\) differ/,
      () => forged(build.add(h, variable), { inputs: [h, short] }),
    ],
    [
      "an input that is younger",
      /its input negate \d+ is younger than itself/,
      () => {
        const older = build.add(h, h);
        return forged(older, { inputs: [forged(build.negate(h), { id: older.id + 1000 }), h] });
      },
    ],
  ];
  test.each(cases)("%s", (_name, problem, make) => {
    expect(() => checkGraph([make()])).toThrow(GraphError);
    expect(() => checkGraph([make()])).toThrow(problem);
  });
  test("within the body of a scan within a scan", () => {
    const inner = scanned(() => ({ next: [argument(4, 0)] }));
    const open = {
      states: [state],
      sequences: [],
      captures: [],
      inboxes: [],
      next: [],
      outputs: [],
      sends: [],
    };
    const [own] = bodyArguments(open) as [Node];
    const nested = node("scan", [h], {
      body: body({
        ...open,
        next: [scanOutput(node("scan", [own], (inner.inputs[0] as Node<"scan">).attributes), 0)],
      }),
      length: 3,
      reverse: false,
      recompute: false,
    });
    expect(() => checkGraph([nested])).toThrow(
      /^argument \d+, float32 \(B, 3\) in scan \d+ in scan \d+: argument 4 is missing$/,
    );
  });
});
