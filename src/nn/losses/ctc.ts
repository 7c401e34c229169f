/** Connectionist temporal classification: the loss of labels of which nobody says at which steps they stand. */

import { checkOptions, printGiven } from "../../checks.ts";
import { ShapeError, UsageError } from "../../errors.ts";
import {
  addDimensions,
  type Dimension,
  printShape,
  sameShape,
  subtractDimensions,
} from "../../graph/dimension.ts";
import { expectWithin } from "../../trace/expectation.ts";
import { full, logSoftmax, range, scalar, where } from "../../trace/functions.ts";
import { scan } from "../../trace/scan.ts";
import { expectTensors, located, sizeTensor, type Tensor } from "../../trace/tensor.ts";
import { checkLengths } from "../layers/sequence-layer.ts";
import { isWithin, withinLengths } from "../lengths.ts";
import { checkReduction, type Reduction, reduceLoss, refuse } from "./loss.ts";

export interface CtcLossOptions {
  /** Steps of each row, int32 (B), from 1 to T. Default T. What the logits hold beyond, NaN included, is not read. */
  readonly lengths?: Tensor | undefined;
  /** Labels of each row, int32 (B), from 0 to S. Default S. */
  readonly targetLengths?: Tensor | undefined;
  /** The class that stands for no label, from 0 to K-1. Default 0. */
  readonly blank?: number | undefined;
  /** Over the rows that count. Default "mean"; 0 where none counts. */
  readonly reduction?: Reduction | undefined;
  /**
   * Whether rows with more labels than fit into their steps are left out. Default false: such a row costs 1e30, so that it
   * does not go unseen. Its gradient is 0 either way.
   */
  readonly ignoreImpossible?: boolean | undefined;
}

const name = "ctcLoss";

/** The log probability of what cannot be: far below any other, and sums of it stay finite in float32. */
const IMPOSSIBLE = -1e30;

/**
 * -log p(targets | logits) in nats, from logits (T, B, K) and targets int32 (S, B), where nobody knows at which of the T steps a
 * label stands. A path is a class for each step; it spells the labels that are left when classes that repeat are made one, and
 * then the blanks are taken out. p is the sum over all paths that spell the targets. n labels need n steps, and one more for
 * each label that is the same as the one before it.
 *
 * Within a target length a label is from 0 to K-1 and not the blank: a blank or -1 makes the loss NaN. Beyond, the blank and
 * -1 are fine too. The mean is over rows; PyTorch's divides the loss of each row by its number of labels first. Graves,
 * Fernández, Gomez and Schmidhuber, "Connectionist temporal classification", 2006: the forward variables of its section 4.1,
 * as logarithms. Throws ShapeError where the shapes do not fit, UsageError for a blank that is no class.
 */
export function ctcLoss(logits: Tensor, targets: Tensor, options: CtcLossOptions = {}): Tensor {
  expectTensors(name, logits, targets);
  checkOptions(name, options, {
    lengths: true,
    targetLengths: true,
    blank: true,
    reduction: true,
    ignoreImpossible: true,
  });
  const { lengths, blank = 0, reduction = "mean", ignoreImpossible = false } = options;
  checkReduction(name, reduction);
  const [steps, batch, classes] = logits.shape as [Dimension, Dimension, Dimension];
  const [labels] = targets.shape as [Dimension];
  const fit = logits.shape.length === 3 && logits.dtype === "float32" && targets.dtype === "int32";
  if (!fit || !sameShape(targets.shape, [labels, batch])) {
    return refuse(name, [logits, targets], "float32 (T, B, K) and int32 (S, B)");
  }
  if (!(Number.isInteger(blank) && blank >= 0 && !(typeof classes === "number" && blank >= classes))) {
    throw new UsageError(
      `${name}: blank ${printGiven(blank)} given, a class from 0 to ${subtractDimensions(classes, 1)} expected`,
    );
  }
  if (lengths) checkLengths(name, lengths, logits);
  const counts = checkedCounts(options.targetLengths, labels, batch);
  expectWithin(targets, 0, subtractDimensions(classes, 1), -1);

  const within = isWithin(counts, labels).transpose();
  const row = targets.transpose();
  const repeats = row.equal(row.pad(1, 1, 0, -1).slice(1, 0, labels));
  const logs = logSoftmax(withinLengths(logits, lengths));
  const log = {
    blank: logs.slice(2, blank, blank + 1),
    labels: logs.takeAlong(where(within, row, blank).broadcastTo([steps, batch, labels]), 2),
  };
  const path = forwards(log, repeats, lengths);
  const end = counts.reshape([batch, 1]);
  const total = logAddExp(path.blanks.takeAlong(end, 1), after(path.labels).takeAlong(end, 1));

  const needed = counts.add(within.and(repeats).convert("int32").sum(1));
  const isPossible = needed.lessEqual(lengths ?? sizeTensor(steps).convert("int32"));
  const isLabel = row
    .notEqual(blank)
    .and(row.greaterEqual(0))
    .and(row.less(sizeTensor(classes).convert("int32")));
  const isWrong = within.and(isLabel.not()).convert("int32").sum(1).greater(0);
  const cost = where(isPossible, total.reshape([batch]).neg(), ignoreImpossible ? 0 : -IMPOSSIBLE);
  const weights = ignoreImpossible ? isPossible.convert("float32") : full(1, [batch]);
  return reduceLoss(where(isWrong, Number.NaN, cost), weights, reduction);
}

interface Places {
  /** Label s stands between blank s and blank s + 1: (B, S + 1). */
  readonly blanks: Tensor;
  /** (B, S). */
  readonly labels: Tensor;
}

/** The log probability of all that leads to each place by the last step, from those of the blank (T, B, 1) and labels (T, B, S). */
function forwards(
  log: { readonly blank: Tensor; readonly labels: Tensor },
  repeats: Tensor,
  lengths: Tensor | undefined,
): Places {
  const [batch, labels] = repeats.shape as [Dimension, Dimension];
  const places = addDimensions(labels, 1);
  const { final } = scan(
    (before: Places, now: typeof log) => {
      const previous = after(before.labels);
      const skipped = where(repeats, IMPOSSIBLE, previous.slice(1, 0, labels));
      const next = {
        blanks: logAddExp(before.blanks, previous).add(now.blank),
        labels: logAddExp(before.labels, before.blanks.slice(1, 0, labels), skipped).add(now.labels),
      };
      return [next, []] as const;
    },
    {
      // Before the first step all is at the first blank.
      init: {
        blanks: where(range(places).equal(0), scalar(0), IMPOSSIBLE).broadcastTo([batch, places]),
        labels: full(IMPOSSIBLE, [batch, labels]),
      },
      inputs: log,
      lengths,
    },
  );
  return final;
}

/** For each blank the label before it. */
function after(labels: Tensor): Tensor {
  return labels.pad(1, 1, 0, IMPOSSIBLE);
}

/** log(e^a + e^b + ...) element by element, which does not overflow. */
function logAddExp(first: Tensor, ...others: readonly Tensor[]): Tensor {
  const most = others.reduce((a, b) => a.maximum(b), first).stopGradient();
  const sum = others.reduce((a, b) => a.add(b.sub(most).exp()), first.sub(most).exp());
  return sum.log().add(most);
}

/** The numbers of labels, int32 (B). Throws ShapeError for others. */
function checkedCounts(given: Tensor | undefined, labels: Dimension, batch: Dimension): Tensor {
  if (given === undefined) return sizeTensor(labels).convert("int32").broadcastTo([batch]);
  expectTensors(`${name}: targetLengths`, given);
  if (given.dtype !== "int32" || !sameShape(given.shape, [batch])) {
    located(() => {
      const printed = `${given.dtype} ${printShape(given.shape)}`;
      throw new ShapeError(`${name}: targetLengths ${printed} given, int32 (${batch}) expected`);
    });
  }
  expectWithin(given, 0, labels);
  return given;
}
