/** What inputs of numbers share: their scale, learnt from the rows to train on, and how they are told to people. */

import { Scaler } from "../../../data/scaler.ts";
import { FormatError } from "../../../errors.ts";
import { isObject } from "../../../formats/json.ts";
import type { Rows } from "../../task.ts";
import type { Channels, Input, InputName, Row } from "./input.ts";

interface Vectors {
  readonly kind: InputName;
  stepName(step: number): string;
  /** How long so many steps are. */
  lengthName(steps: number): string;
  readonly channels: Channels;
  readonly describe: Rows;
  readonly summary: string;
  readonly json: object;
}

/** An input of vectors that are scaled, each number of a step by itself. */
export function scaledInput(scaler: Scaler, vectors: Vectors): Input {
  const { kind, stepName, lengthName, channels, describe, summary, json } = vectors;
  const size = scaler.center.length;
  const steps = (content: Float32Array) => content.length / size;
  return {
    kind,
    reads: { size },
    encode: (content) => scaler.transform(content as Float32Array),
    stepNames: (content) =>
      Array.from({ length: steps(content as Float32Array) }, (_, step) => stepName(step)),
    channels,
    print: (content) => lengthName(steps(content as Float32Array)),
    describe: () => describe,
    summary,
    toJSON: () => ({ kind, ...json, scaler }),
  };
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
