/** The kinds of input that a classifier knows. */

import { FormatError } from "../../../errors.ts";
import { isObject } from "../../../formats/json.ts";
import type { Input, InputKind, InputName } from "./input.ts";
import { seriesInput } from "./series.ts";
import { soundInput } from "./sound.ts";
import { textInput } from "./text.ts";

export const inputKinds: Readonly<Record<InputName, InputKind>> = {
  text: textInput,
  series: seriesInput,
  sound: soundInput,
};

/** The input of a model's file. Throws FormatError. */
export function inputOfJson(json: unknown, where: string): Input {
  const kind = isObject(json) ? json.kind : undefined;
  if (isObject(json) && typeof kind === "string" && Object.hasOwn(inputKinds, kind)) {
    return inputKinds[kind as InputName].ofJson(json, where);
  }
  throw new FormatError(
    `${where}: input ${JSON.stringify(kind)}: expected one of ${Object.keys(inputKinds).join(", ")}`,
  );
}
