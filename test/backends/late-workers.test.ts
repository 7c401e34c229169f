/** A program waits for the workers that take part in it, not for as many of any kind: one that is late is not missed. */

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { bundle } from "../platform/bundle.ts";

test("a program of three threads runs while the second one has not got it, and others have", async () => {
  const script = `
    import { Worker } from "node:worker_threads";
    import { compile, float32, wasmBackend } from "rondo";

    // The first worker gets programs late.
    let first;
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (message) {
      first ??= this;
      if (this === first && message.program) setTimeout(() => postMessage.call(this, message), 500);
      else postMessage.call(this, message);
    };
    const [, three] = [5, 3].map((threads) =>
      compile((x) => x.mul(x), { inputs: float32("B"), backend: wasmBackend({ threads, minimumWork: 0 }) }),
    );
    const results = [];
    for (let calls = 0; calls < 20; calls += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      results.push([...three([1, 2, 3]).data].join());
    }
    console.log([...new Set(results)].join(" and "));
  `;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-"], {
    input: await bundle(script, { format: "esm", external: ["node:worker_threads"] }),
    encoding: "utf8",
    timeout: 25_000,
    killSignal: "SIGKILL",
  });
  expect(stdout.trim()).toBe("1,4,9");
});
