/** What a bundle of the lab is asked to do: a small experiment, and its picture. */

import { wasmBackend } from "../../src/index.ts";
import { experimentOf, figureSvg, type Measurement, runExperiment } from "../../src/lab/index.ts";

export interface LabFound {
  readonly measured: readonly Measurement[];
  readonly picture: string;
}

export async function labProbe(): Promise<LabFound> {
  const { trials, figure } = await runExperiment(experimentOf("exposure-bias"), {
    settings: { updates: 3, windows: 4, hidden: 4, horizon: 5 },
    seeds: [1],
    backend: wasmBackend({ fused: false }),
  });
  return { measured: trials.map(({ measured }) => measured), picture: await figureSvg(figure) };
}
