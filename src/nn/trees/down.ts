/** A tree cell from the root to the leaves: every node after its parent. */

import type { Dimension } from "../../graph/dimension.ts";
import { join, zeros } from "../../trace/functions.ts";
import { scan } from "../../trace/scan.ts";
import type { Past } from "../../trace/step.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { mapRecord, type Tensors } from "../cell.ts";
import { rowsAt } from "../layers/history.ts";
import { byType, contextOf, masksFor, type TreePass } from "./pass.ts";
import { flat, numbersAt, placesOf, type TreeTensors } from "./structure.ts";

/** The states (T, B, size) of all nodes; the root comes from zeros. What stands beyond a tree's nodes is zeros. */
export function passDown(pass: TreePass, x: Tensor, trees: TreeTensors): Tensors<string> {
  const { lengths, types, leaves, inner } = trees;
  const parent = trees.parent as Tensor;
  if (!leaves || !inner) return fromParents(pass, { x, types, parent, lengths });
  const at = placesOf(leaves, inner, x.size(0));
  const parentOf = (nodes: Tensor) => at.innerAt(numbersAt(at.places, numbersAt(parent, nodes)));
  const ofInner = fromParents(pass, {
    x: rowsAt(x, inner),
    types: types && rowsAt(types, inner),
    parent: parentOf(inner),
    lengths: at.innerLengths,
  });
  const rows = flat(rowsAt(x, at.leaves));
  const above = mapRecord(ofInner, (part) => flat(rowsAt(part, parentOf(at.leaves))));
  const masks = masksFor(pass, 1, [rows.size(0)]);
  const type = types && rowsAt(types, at.leaves).reshape([rows.size(0)]);
  const ofLeaves = byType(pass, type, (weights) => pass.cell.after(weights, above, rows, contextOf(masks)));
  return mapRecord(ofLeaves, (part, name) => {
    const shaped = part.reshape([...leaves.shape, part.size(1)]);
    return rowsAt(join([shaped, ofInner[name] as Tensor], 0), at.places);
  });
}

/** The states (N, B, size) of nodes whose parents stand among them. */
function fromParents(
  pass: TreePass,
  { x, types, parent, lengths }: Pick<TreeTensors, "types" | "lengths"> & { x: Tensor; parent: Tensor },
): Tensors<string> {
  const { cell } = pass;
  const [steps, batch] = x.shape as [Dimension, Dimension];
  const history = mapRecord(cell.state, (size) => zeros([batch, size]));
  const inputs = { x, parent, types: types ? [types] : [], masks: masksFor(pass, 0, [steps, batch]) };
  const { outputs } = scan(
    (_state: readonly Tensor[], at, past: Past<typeof history>) => {
      const above = past.at(at.parent);
      const next = byType(pass, at.types[0], (weights) =>
        cell.after(weights, above, at.x, contextOf(at.masks)),
      );
      return [[], next] as const;
    },
    { init: [], inputs, lengths, reverse: true, history },
  );
  return outputs;
}
