// The conformance table leaves out no operation: whoever adds one adds a case.
import { expect, test } from "vitest";
import type { Backend } from "../../src/backends/backend.ts";
import { computedNodes } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { bodyResults } from "../../src/graph/body.ts";
import { isOp, type Node } from "../../src/graph/node.ts";
import { type Operation, operations } from "../../src/graph/operations.ts";
import { topologicalOrder } from "../../src/graph/traverse.ts";
import { compile } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { cases } from "./cases.ts";

test("every operation stands in a case", () => {
  const found = new Set<Operation>();
  const visit = (results: readonly Node[]) => {
    for (const node of topologicalOrder(results)) {
      found.add(node.op);
      if (isOp(node, "scan")) visit(bodyResults(node.attributes.body));
    }
  };
  const backend: Backend = {
    name: "watching",
    compile(program) {
      visit(computedNodes(program));
      return reference.compile(program);
    },
  };
  for (const { build, types } of cases)
    compile((tensors: Record<string, Tensor>) => [build(tensors)].flat(), { inputs: types, backend });
  // Programs of the table have inputs alone; variables are in every training step.
  expect(Object.keys(operations).filter((op) => !found.has(op as Operation))).toEqual(["variable"]);
});
