// Runs every reference case of a folder (see test/fixtures/README.md) on every backend, and prints a line for each.
// Usage: tsx tools/check-torch.ts DIR; exits 1 if a case fails or there is none, 2 on wrong usage.
import { RondoError } from "../src/errors.ts";
import { casesOf, type Outcome, printOutcome, runCase } from "../test/parity/run.ts";

function main(folders: readonly string[]): number {
  const [folder, ...others] = folders;
  if (folder === undefined || others.length > 0) {
    console.error("usage: npm run check:torch -- DIR, a folder of *.safetensors reference cases");
    return 2;
  }
  const counts: Record<Outcome["result"], number> = { passed: 0, failed: 0, skipped: 0 };
  for (const path of casesOf(folder)) {
    const outcome = runCase(path);
    counts[outcome.result] += 1;
    console.log(printOutcome(path, outcome));
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed === 0 ? 0 : 1;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof RondoError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
