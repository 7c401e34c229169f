// Public data sets that tests may use but that are no part of the project: a test skips, and says so, without them.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";

/**
 * The path of a data set's file, below the folder that the environment variable RONDO_DATA names (default: shared/data
 * beside the project's folder). Skips the test where the file is missing.
 */
export function realData(file: string, context: TestContext): string {
  const folder = process.env.RONDO_DATA ?? join(import.meta.dirname, "../../../shared/data");
  const path = join(folder, file);
  if (existsSync(path)) return path;
  const reason = `${file} is not in ${folder} (RONDO_DATA names another folder)`;
  console.log(`skipped: ${context.task.name}: ${reason}`);
  return context.skip(reason);
}
