/** Texts in files: read whole, and put together. */

import { decodeText, LONGEST_TEXT, requireHoldableFile } from "../data/text.ts";
import { DataError } from "../errors.ts";
import { fileSize, readFileBytes } from "../node/files.ts";

/** The text of a file. Throws DataError for one that cannot be read, is empty, too long or not UTF-8. */
export function readText(path: string): string {
  requireHoldableFile(fileSize(path), path);
  return decodeText(readFileBytes(path), path);
}

/** Texts one after the other. Throws DataError where that is longer than a string can be. */
export function joinTexts(parts: readonly string[], paths: readonly string[]): string {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length <= LONGEST_TEXT) return parts.join("");
  throw new DataError(
    `${paths.join(" and ")}: ${length} characters together, expected at most ${LONGEST_TEXT}: JavaScript holds no longer text`,
  );
}
