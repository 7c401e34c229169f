/** JSON Lines: a JSON object on each line of a text (https://jsonlines.org). */
import { printGiven } from "../checks.ts";
import { DataError } from "../errors.ts";
import { checkSource, type Line, type Source, sourceLines } from "./source.ts";

/** An object, and the line that it stands on, from 1. */
export interface JsonLine {
  readonly number: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * The objects of a source, one after the other, as they are read. Lines with nothing but white space are passed over. Of a
 * key that an object has twice the last counts, as in `JSON.parse`.
 *
 *     for await (const { number, value } of jsonLines(source)) console.log(number, value.text);
 *
 * @throws UsageError for what is no source
 * @throws DataError, when its turn has come, with name and line for one that holds anything else than one object, and as
 *   `sourceLines` does
 */
export function jsonLines(source: Source): AsyncGenerator<JsonLine, void, undefined> {
  checkSource("jsonLines", source);
  return objectsOf(source.name, sourceLines(source));
}

async function* objectsOf(
  name: string,
  lines: AsyncIterable<Line>,
): AsyncGenerator<JsonLine, void, undefined> {
  for await (const { number, text } of lines) {
    if (text.trim() === "") continue;
    const value = parse(text, `${name}: line ${number}`);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new DataError(`${name}: line ${number}: ${printGiven(value)} given, a JSON object expected`);
    }
    yield { number, value: value as Readonly<Record<string, unknown>> };
  }
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = String((error as Error).message).replace(/[\s\p{Cc}]+/gu, " ");
    throw new DataError(`${where} is not JSON: ${reason}`, { cause: error });
  }
}
