/** A tree cell from the root to the leaves: every node after its parent. */

import type { Dimension } from "../../graph/dimension.ts";
import { zeros } from "../../trace/functions.ts";
import { scan } from "../../trace/scan.ts";
import type { Past } from "../../trace/step.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { mapRecord, type Tensors } from "../cell.ts";
import { byType, contextOf, masksFor, type TreePass } from "./pass.ts";
import type { TreeTensors } from "./structure.ts";

/** The states (T, B, size) of all nodes; the root comes from zeros. What stands beyond a tree's nodes is zeros. */
export function passDown(
  pass: TreePass,
  x: Tensor,
  { lengths, types, parent }: TreeTensors,
): Tensors<string> {
  const { cell } = pass;
  const [steps, batch] = x.shape as [Dimension, Dimension];
  const history = mapRecord(cell.state, (size) => zeros([batch, size]));
  const inputs = {
    x,
    parent: parent as Tensor,
    types: types ? [types] : [],
    masks: masksFor(pass, 0, [steps, batch]),
  };
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
