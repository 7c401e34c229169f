/** Conditional random fields over chains of tags. */

import { linearChainCrf } from "../../src/nn/index.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { tensorOf } from "./case.ts";
import { evaluate, load } from "./evaluate.ts";
import { float32Tolerance, type Kind } from "./kind.ts";

/** The loss is the sum over rows; the weights are among the inputs. */
export const chainOfTags: Kind = {
  name: "a chain of tags",
  tolerance: float32Tolerance,
  recognises: ({ inputs }) => Boolean(inputs.emissions && inputs.transitions && inputs.tags),
  compute(given, backend) {
    const crf = linearChainCrf(tensorOf(given.inputs, "start").shape[0] as number);
    load(crf.weights, given.inputs);
    return evaluate(given, {
      backend,
      build(_, inputs) {
        const { emissions, tags, lengths } = inputs as Record<"emissions" | "tags" | "lengths", Tensor>;
        const partition = crf.logPartition(emissions, lengths);
        const best = crf.decode(emissions, lengths).tags;
        const gold_score = crf.score(emissions, tags, lengths);
        const loss = crf.loss(emissions, tags, { lengths, reduction: "sum" });
        return { outputs: { loss, log_partition: partition, gold_score, best }, sources: crf.weights };
      },
    });
  },
};
