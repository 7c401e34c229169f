/** Rondo's translator: an update, and a search, as training and translating run them. */

import { type Backend, parameters } from "../../../src/index.ts";
import { batchOf } from "../../../src/tasks/translation/batches.ts";
import { completeSettings } from "../../../src/tasks/translation/options.ts";
import { updateOf } from "../../../src/tasks/translation/training.ts";
import { compileUpdate } from "../../../src/training/update.ts";
import { type Arrays, arrayOf } from "../arrays.ts";
import type { Size, Task } from "../cases.ts";
import { beam, translatorOf } from "../translator.ts";
import { type Prepared, translatorUpdates } from "./contender.ts";

const learningRate = 0.001;

export function update({ size }: Task, arrays: Arrays, backend: Backend): Prepared {
  const sources = rowsOf(arrays, "source", size, lengthsOf(arrays));
  const targets = rowsOf(arrays, "target", size);
  const batch = {
    ...batchOf(sources.map((source, row) => ({ source, target: targets[row] as Int32Array }))),
  };
  const stepOf = (dropout?: number) => {
    const model = filled(size, arrays, backend, dropout);
    const step = compileUpdate({ ...updateOf(model, completeSettings({}, 29_000)), backend });
    return () => step.run({ ...batch, sampling: 0 }, learningRate).loss;
  };
  const updated = stepOf();
  return {
    run: () => {
      updated();
    },
    results() {
      const step = stepOf(0);
      return { losses: Array.from({ length: translatorUpdates }, step) };
    },
  };
}

export function decoding({ size }: Task, arrays: Arrays, backend: Backend): Prepared {
  const model = filled(size, arrays, backend);
  const sources = rowsOf(arrays, "source", size, lengthsOf(arrays));
  const search = () =>
    model.search(sources, {
      ...{ beam, best: 1, lengthPenalty: 1, coveragePenalty: 0, limit: size.T },
      ...{ prefix: new Int32Array(), unknown: false },
    });
  return {
    run: () => {
      search();
    },
    results: () => ({ logProbabilities: search().map(([best]) => best?.logProbability ?? Number.NaN) }),
  };
}

function filled(size: Size, arrays: Arrays, backend: Backend, dropout?: number) {
  const model = translatorOf(size, backend, dropout);
  for (const [name, weight] of Object.entries(parameters(model.network)))
    weight.value = arrayOf(arrays, name);
  return model;
}

const lengthsOf = (arrays: Arrays) => arrayOf(arrays, "lengths");

/** The rows of tokens (steps, B), or their beginnings. */
function rowsOf(arrays: Arrays, name: string, { B }: Size, lengths?: Float32Array): Int32Array[] {
  const tokens = arrayOf(arrays, name);
  const steps = tokens.length / B;
  return Array.from({ length: B }, (_, row) =>
    Int32Array.from({ length: lengths?.[row] ?? steps }, (__, step) => tokens[step * B + row] as number),
  );
}
