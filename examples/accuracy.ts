// How often the highest score is that of the target.
import { range, type Tensor, where } from "rondo";

/** 1 where scores (..., V) are highest for the target (...), else 0; 0 for targets that are none. float32 (...). */
export function right(scores: Tensor, targets: Tensor): Tensor {
  const isTarget = range(scores.size(-1)).equal(targets.reshape([...targets.shape, 1]));
  const ofTarget = where(isTarget, scores, Number.NEGATIVE_INFINITY).max(-1);
  return scores.max(-1).equal(ofTarget).convert("float32");
}
