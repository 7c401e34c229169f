/** Where the bench lies, from its compiled files in bench/dist/bench/src. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const benchFolder = fileURLToPath(new URL("../../../", import.meta.url));

/** The version of the package whose folder is given, from the bench's own folder. */
export function packageVersion(folder: string): string {
  const { version } = JSON.parse(readFileSync(`${benchFolder}${folder}/package.json`, "utf8")) as {
    version: string;
  };
  return version;
}
