/** What inputs of numbers share: their scale, learnt from the rows to train on, and how they are told to people. */

import { Scaler } from "../../../data/scaler.ts";
import { chartDrawing, type Drawing } from "../../../draw/charts/drawing.ts";
import { momentsChart } from "../../../draw/charts/moments.ts";
import { FormatError } from "../../../errors.ts";
import { isObject } from "../../../formats/json.ts";
import type { Rows } from "../../task.ts";
import { type Input, type InputName, type Row, SHARE_NAME, type ToldShares } from "./input.ts";

interface Vectors {
  readonly kind: InputName;
  stepName(step: number): string;
  /** How long so many steps are. */
  lengthName(steps: number): string;
  /** The numbers of a step, in their order. */
  readonly channels: readonly string[];
  /** From the top, where that is not their order. */
  readonly upwards?: boolean;
  /** What the numbers are, for legends. */
  readonly values: string;
  readonly describe: Rows;
  readonly summary: string;
  readonly json: object;
}

/** An input of vectors that are scaled, each number of a step by itself. */
export function scaledInput(scaler: Scaler, vectors: Vectors): Input {
  const { kind, stepName, lengthName, describe, summary, json } = vectors;
  const size = scaler.center.length;
  const steps = (content: Float32Array) => content.length / size;
  return {
    kind,
    reads: { size },
    encode: (content) => scaler.transform(content as Float32Array),
    stepNames: (content) =>
      Array.from({ length: steps(content as Float32Array) }, (_, step) => stepName(step)),
    draw: (content, told) => drawn(content as Float32Array, told, vectors),
    print: (content) => lengthName(steps(content as Float32Array)),
    describe: () => describe,
    summary,
    toJSON: () => ({ kind, ...json, scaler }),
  };
}

/** The numbers of each step, as they were measured, and beneath them how much the steps speak for what is told. */
function drawn(
  content: Float32Array,
  { title, shares }: ToldShares,
  { channels, upwards, values, stepName }: Vectors,
): Drawing {
  const all = channels.map((name, at) => ({
    name,
    values: Array.from(shares, (_, step) => content[step * channels.length + at] as number),
  }));
  return chartDrawing(
    momentsChart({
      ...{ title, label: stepName, channels: upwards ? all.reverse() : all, values },
      ...{ scores: shares, name: SHARE_NAME },
    }),
  );
}

/** A scaler out of a file's JSON. Throws FormatError. */
export function scalerOfJson(scaler: unknown, where: string): Scaler {
  if (isObject(scaler)) return Scaler.fromJSON(scaler, where);
  throw new FormatError(`${where}: scaler: center and scale of each number expected`);
}

/** How long rows are, in lines for people and as JSON. */
export function lengthsOf(rows: readonly Row[], size: number, unit: string) {
  const lengths = rows.map(({ content }) => (content as Float32Array).length / size);
  const [least, most] = [
    lengths.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    lengths.reduce((a, b) => Math.max(a, b), 0),
  ];
  const mean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, rows.length);
  return {
    lines: [`${mean.toFixed(1)} ${unit} in the mean, ${least} to ${most}`],
    json: { mean, least, most },
  };
}
