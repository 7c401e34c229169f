// Every cell that Rondo brings gives what its equations say, and its gradients agree with central differences.
import { describe, test } from "vitest";
import { type CellName, cells } from "../../../src/nn/index.ts";
import { checkEquations, checkGradients } from "./check-cell.ts";
import { equations } from "./equations.ts";

for (const name of Object.keys(cells) as CellName[]) {
  describe(name, () => {
    test("gives what its equations say", () => checkEquations(cells[name], equations[name]));
    test("has the gradient of its equations", () => checkGradients(cells[name]));
  });
}
