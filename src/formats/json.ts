/** Strict JSON for file headers: what `JSON.parse` accepts, except that a key given twice is refused. */
import { FormatError } from "../errors.ts";

/**
 * Parses `text` as JSON.
 *
 * @param where what the text is part of, for messages (`model.safetensors: header`)
 * @throws FormatError when the text is not JSON or an object in it has a key twice
 */
export function parseJson(text: string, where: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = String((error as Error).message).replace(/[\s\p{Cc}]+/gu, " ");
    throw new FormatError(`${where} is not JSON: ${reason}`);
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) throw new FormatError(`${where} has the key ${JSON.stringify(twice)} twice`);
  return value;
}

/** Whether `value` is a JSON object (not null, not an array). */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first key that some object in `json` has twice. `json` must be valid JSON. */
function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === "{") open.push(new Set());
    else if (character === "}") open.pop();
    else if (character === '"') {
      const start = at;
      for (at++; json[at] !== '"'; at++) if (json[at] === "\\") at++;
      let next = at + 1;
      while (" \t\r\n".includes(json[next] ?? ".")) next++;
      if (json[next] !== ":") continue;
      const key = JSON.parse(json.slice(start, at + 1)) as string;
      const keys = open[open.length - 1] as Set<string>;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

/** What is made of plain objects, lists and numbers as JSON can say it: null in place of a number that is not finite. */
export function withNulls(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(withNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withNulls(part)]));
}
