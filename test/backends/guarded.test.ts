/** No kernel reads or writes beyond what the plan has, in any of its buffers, with vectors of any length. */

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { bundle } from "../platform/bundle.ts";

/** Runs a line of a script in a process of its own; the last line that it prints, and what it calls wrong. */
async function runApart(line: string) {
  const script = `
    import { enableFusedMultiplyAdd } from "./src/node/relaxed-simd.ts";
    enableFusedMultiplyAdd();
    const { runCases, runRandom } = await import("./test/backends/guarded.ts");
    ${line}
    console.log("done");
  `;
  const input = await bundle(script, { format: "esm", external: ["node:*"] });
  const { stdout, stderr, signal } = spawnSync(process.execPath, ["--input-type=module", "-"], {
    ...{ input, encoding: "utf8", cwd: process.cwd(), maxBuffer: 2 ** 26 },
  });
  const lines = stdout.trimEnd().split("\n");
  const wrong = lines.flatMap((text, at) => (text.startsWith("WRONG") ? [`${lines[at - 1]}: ${text}`] : []));
  return { last: lines.at(-1), wrong, stderr, signal };
}

const right = { last: "done", wrong: [], stderr: "", signal: null };

test("in the conformance cases", async () => {
  expect(await runApart("runCases()")).toEqual(right);
}, 200_000);

test("in random programs", async () => {
  expect(await runApart("runRandom(20, 5)")).toEqual(right);
}, 200_000);
