/** How a model came about: what its file says of that, and how people read it. */

import { printGiven } from "../checks.ts";
import { FormatError } from "../errors.ts";
import { spelt } from "../options/table.ts";
import { OPTIMIZER_NAMES } from "../training/optimizer.ts";
import { createOptimizer } from "../training/optimizers.ts";
import type { SharedSettings } from "../training/options.ts";
import type { Rows } from "./task.ts";

/** Throws FormatError for what a file's record of the training has in place of a number. */
export function requireNumbers(where: string, given: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(given)) {
    if (Number.isFinite(value)) continue;
    throw new FormatError(`${where}: training: ${name} ${printGiven(value)}, expected a number`);
  }
}

/** How far a training had come when its model was written, and what is said of it in words. */
export interface Made {
  /** What it was trained on: "rows.jsonl: 90 rows, 10 % held out". */
  readonly on: string;
  readonly settings: SharedSettings;
  readonly epoch: number;
  readonly step: number;
  /** What it saw meanwhile: "5,120 tokens". */
  readonly seen?: string | undefined;
  /** How well it did on what was held out. */
  readonly validation: string | undefined;
}

/** Rows on how a model came about. `told` are settings that `on` and other rows tell. */
export function madeRows(
  { on, settings, epoch, step, seen, validation = "none" }: Made,
  told: readonly string[],
): Rows {
  const { epochs } = settings;
  const updates = `${step.toLocaleString("en")} updates`;
  return [
    ["trained on", on],
    [
      "for",
      [`${epoch} of ${epochs} ${epochs === 1 ? "epoch" : "epochs"}`, updates, ...(seen ? [seen] : [])].join(
        ", ",
      ),
    ],
    ["with", settingsText(settings, told)],
    ["validation", validation],
  ];
}

/** Every setting that is not off, nor what the optimiser always has, but for those that are told elsewhere. */
function settingsText(settings: SharedSettings, told: readonly string[]): string {
  const {
    epochs: _,
    optimizer,
    optimizerSettings,
    learningRate,
    schedule,
    batch,
    clip,
    seed,
    ...rest
  } = settings;
  const { window, ...others } = rest as typeof rest & { readonly window?: number };
  const { kind, warmUp = 0, ...decay } = schedule;
  const isKnown = OPTIMIZER_NAMES.some((name) => name === optimizer);
  const usual = isKnown ? createOptimizer(optimizer).settings : {};
  const own = Object.entries(optimizerSettings).filter(
    ([name, value]) => value !== usual[name] || (name === "weightDecay" && value !== 0),
  );
  const isOff = (value: unknown) => value === 0 || value === false || value === "default";
  return [
    optimizer,
    ...own.map(named),
    `learning rate ${learningRate} (${[kind, ...Object.entries(decay).map(named)].join(", ")})`,
    ...(warmUp === 0 ? [] : [`warm-up ${warmUp}`]),
    `batch ${batch}`,
    ...(window === undefined ? [] : [`window ${window}`]),
    `clip ${clip === 0 ? "off" : clip}`,
    ...Object.entries(others)
      .filter(([name, value]) => !told.includes(name) && !isOff(value))
      .map(named),
    `seed ${seed}`,
  ].join(", ");
}

function named([name, value]: [string, unknown]): string {
  return value === true ? spelt(name) : `${spelt(name)} ${value}`;
}
