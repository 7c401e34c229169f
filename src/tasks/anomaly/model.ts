/** A detector: its network, what was prepared from the training rows, and what its errors are measured against. */

import type { BackendChoice } from "../../backends/choice.ts";
import type { Scheme } from "../../nn/index.ts";
import { float32 } from "../../program/compile.ts";
import { type Stream, stream } from "../../program/stream.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { BaselineName } from "./baselines.ts";
import { inputWidth } from "./features.ts";
import { createNetwork, expectNext, type Network, type NetworkState, type Widths } from "./network.ts";
import type { AlarmSettings, Form } from "./options.ts";
import type { Prepared } from "./prepare.ts";
import type { TailFit } from "./running-tail.ts";

/** What was measured on the held-out end of the training rows, which holds no known anomaly. Plain JSON. */
export interface Calibration {
  /** Of its last rows: value - expected in deviations, for each target; null where one is missing. */
  readonly errors: readonly (readonly (number | null)[])[];
  /** The scores above which there is an alarm, where it was chosen by labels; null where the rate of alarms gives it. */
  readonly threshold: number | null;
  /** The tails of the scores of what a detector has to beat, by name: their thresholds follow from the rate of alarms. */
  readonly baselines: Readonly<Record<BaselineName, TailFit>>;
}

export class AnomalyModel {
  readonly form: Form;
  readonly prepared: Prepared;
  readonly network: Network;
  readonly widths: Widths;
  readonly alarms: AlarmSettings;
  readonly #backend: BackendChoice | undefined;

  constructor(
    parts: Pick<AnomalyModel, "form" | "prepared" | "alarms">,
    options: { readonly scheme?: Scheme | undefined; readonly backend?: BackendChoice | undefined } = {},
  ) {
    const { scheme = "default", backend } = options;
    this.form = parts.form;
    this.prepared = parts.prepared;
    this.alarms = parts.alarms;
    this.widths = { targets: parts.prepared.columns.targets.length, inputs: inputWidth(parts.prepared) };
    this.network = createNetwork(this.form, this.widths, scheme);
    this.#backend = backend;
  }

  /** The network as a stream of one series; the newest weights. */
  live(backend = this.#backend): LiveNetwork {
    const { network, widths } = this;
    return stream((x: Tensor, before: NetworkState) => expectNext(network, x, before), {
      inputs: float32(1, widths.inputs),
      state: network.rnn.stateShapes(1),
      rows: 1,
      ...(backend && { backend }),
    });
  }
}

const exampleInput = float32(1, 1);
export type LiveNetwork = Stream<typeof exampleInput, ReturnType<Network["rnn"]["stateShapes"]>, Tensor>;
