/** What Rondo's own files say of themselves in their metadata: a format with its version, and entries of JSON. */

import { FormatError } from "../errors.ts";
import { isObject, parseJson } from "./json.ts";
import type { SafetensorsFile } from "./safetensors.ts";

/** Throws FormatError unless the metadata says that a file has this format and version. */
export function requireFormat(
  { metadata }: SafetensorsFile,
  { format, version, where }: { format: string; version: string; where: string },
): void {
  if (metadata.format !== format) {
    const found =
      metadata.format === undefined ? "no format" : `the format ${JSON.stringify(metadata.format)}`;
    throw new FormatError(`${where}: the metadata names ${found}, expected ${JSON.stringify(format)}`);
  }
  if (metadata.version !== version) {
    throw new FormatError(
      `${where}: ${format} of version ${JSON.stringify(metadata.version)}, expected version ${version}`,
    );
  }
}

/** An entry of the metadata that holds a JSON object. Throws FormatError where it does not. */
export function metadataJson(
  { metadata }: SafetensorsFile,
  key: string,
  where: string,
): Record<string, unknown> {
  const text = metadata[key];
  if (text === undefined) throw new FormatError(`${where}: the metadata has no ${key}`);
  const value = parseJson(text, `${where}: ${key}`);
  if (!isObject(value)) throw new FormatError(`${where}: ${key}: expected an object`);
  return value;
}
