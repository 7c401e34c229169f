/** The kinds of cases, and which of them a case is. */

import { attentionMechanism, multiHeadModule, transformerEncoderLayer } from "./attention.ts";
import type { Case } from "./case.ts";
import { chainOfTags } from "./chains.ts";
import { convolutionAlongTime, convolutionOfImages } from "./convolutions.ts";
import type { Kind } from "./kind.ts";
import { lossKinds } from "./losses.ts";
import { recurrentModule } from "./modules.ts";
import { layerNormalisation } from "./normalisation.ts";
import { normClipping, optimizerUpdates } from "./optimizers.ts";
import { skipNetwork, textbookCell } from "./textbook.ts";
import { trainingRun } from "./training-run.ts";
import { treeNetwork } from "./trees.ts";

/** The first kind that recognises a case computes it. */
const kinds: readonly Kind[] = [
  recurrentModule,
  trainingRun,
  optimizerUpdates,
  normClipping,
  textbookCell,
  skipNetwork,
  ...lossKinds,
  chainOfTags,
  attentionMechanism,
  transformerEncoderLayer,
  multiHeadModule,
  layerNormalisation,
  convolutionAlongTime,
  convolutionOfImages,
  treeNetwork,
];

const unknown: Kind = {
  name: "unknown",
  tolerance: 0,
  recognises: () => true,
  compute: ({ parameters, inputs }) => {
    const names = [...Object.keys(parameters), ...Object.keys(inputs)].join(", ") || "(none)";
    return { skip: `no program for the tensors ${names}` };
  },
};

/** The kind of a case; one that skips it where no other recognises it. */
export function kindOf(given: Case): Kind {
  return kinds.find(({ recognises }) => recognises(given)) ?? unknown;
}
