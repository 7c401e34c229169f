/** What the layers of a model tell while its loss is traced, by full names, and the zeros that were added where gradients are asked for. */

import { multiplyDimensions, type Shape } from "../graph/dimension.ts";
import { layersOf } from "../nn/model.ts";
import { stack } from "../trace/functions.ts";
import type { Observed, ObservedPlace, Observer } from "../trace/observation.ts";
import type { Tensor } from "../trace/tensor.ts";
import { pathBelow } from "../trace/tree.ts";
import { Variable } from "../trace/variable.ts";
import type { Asked } from "./names.ts";

/** Something that was seen along time. */
export interface Sight {
  /** "rnn.l0.h". */
  readonly name: string;
  readonly what: Observed;
  /** (T, B, ...). */
  readonly tensor: Tensor;
  /** Zeros that were added to it, in their order along time, where its gradient is asked for. */
  readonly probes: readonly Tensor[];
}

/** What was told of one thing: by a scan, or step by step. */
interface Told {
  readonly name: string;
  readonly what: Observed;
  readonly tensors: Tensor[];
  readonly probes: Tensor[];
}

/** Looks at a model while a loss is traced. */
export class Gathering {
  readonly observer: Observer;
  /** The passes that were run, by their full names. */
  readonly places = new Map<string, ObservedPlace>();
  readonly #paths: ReadonlyMap<object, string>;
  readonly #told = new Map<string, Told>();
  /** Zeros that were asked for and not yet told of. */
  readonly #open = new Map<string, Tensor>();

  constructor(model: object, selection: Asked) {
    this.#paths = new Map(layersOf(model).map(({ layer, path }) => [layer.weights, path]));
    this.observer = {
      see: (what, tensor) => this.#see(what, tensor),
      probe: (what, shape) => this.#probe(what, shape, selection),
    };
  }

  /** All that was seen. */
  get sights(): Sight[] {
    return [...this.#told.values()].map(({ name, what, tensors, probes }) => {
      const [first] = tensors as [Tensor];
      return { name, what, tensor: what.stepAxes === 0 ? stack(tensors) : alongOneAxis(first, what), probes };
    });
  }

  /** What is told of in this name next: a layer that is run again has a name of its own, one that takes single steps goes on. */
  #nameOf({ place, name, kind, stepAxes }: Observed): { key: string; full: string; pass: string } {
    const path = this.#paths.get(place.weights) ?? "unnamed";
    for (let use = 1; ; use++) {
      const layer = use === 1 ? path : `${path}#${use}`;
      const pass = place.pass === undefined ? layer : pathBelow(layer, place.pass);
      const full = pathBelow(pass, name);
      const key = `${kind} ${full}`;
      const before = this.#told.get(key);
      if (!before || (stepAxes === 0 && before.what.stepAxes === 0)) return { key, full, pass };
    }
  }

  #see(what: Observed, tensor: Tensor): void {
    const { key, full, pass } = this.#nameOf(what);
    const told = this.#told.get(key) ?? { name: full, what, tensors: [], probes: [] };
    const probe = this.#open.get(key);
    this.#open.delete(key);
    told.tensors.push(tensor);
    if (probe) told.probes.push(probe);
    this.#told.set(key, told);
    if (what.place.pass !== undefined) this.places.set(pass, what.place);
  }

  #probe(what: Observed, shape: Shape, selection: Asked): Tensor | undefined {
    if (what.kind !== "state" && what.kind !== "input") return undefined;
    const { key, full } = this.#nameOf(what);
    if (!selection.has(full, "gradient")) return undefined;
    // A variable, since two constants of one shape would be one node.
    const zero = new Variable("zero", [], { trainable: false });
    zero.value = [0];
    const zeros = zero.broadcastTo(shape);
    this.#open.set(key, zeros);
    return zeros;
  }
}

/** The steps of scans within scans one after the other: (T, B, ...). */
export function alongOneAxis(tensor: Tensor, { stepAxes }: Pick<Observed, "stepAxes">): Tensor {
  if (stepAxes < 2) return tensor;
  const steps = tensor.shape.slice(0, stepAxes).reduce(multiplyDimensions);
  return tensor.reshape([steps, ...tensor.shape.slice(stepAxes)]);
}
