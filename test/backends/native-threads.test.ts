/** Machine code on several threads: the same bits, whatever runs before, meanwhile and on what. */

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { Backend, Executable } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { pool } from "../../src/backends/runtime/pool.ts";
import { wasmBackend } from "../../src/backends/wasm/index.ts";
import { initialize, lstm, recurrent } from "../../src/nn/index.ts";
import { compile, float32 } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { programOf } from "../compiler/trace.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { fused, nativeWith, resultsOf, sets } from "../helpers/native.ts";
import { floats } from "../helpers/values.ts";
import { bundle } from "../platform/bundle.ts";
import { cases } from "./cases.ts";

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const split = cases.filter(
  ({ rewrites, name }) => rewrites || /product|softmax|gather|sum and max/.test(name),
);

describe.skipIf(sets.length === 0)("threads", () => {
  test("two and three give the bits of one", async () => {
    const backends = sets.flatMap((set) => [2, 3].map((threads) => nativeWith(set, { threads })));
    // So that the workers have started.
    for (const backend of backends) resultsOf(cases[0] as (typeof cases)[0], backend);
    await wait(200);
    for (const one of split.filter((_, at) => at % 4 === 0)) {
      const wanted = resultsOf(one, fused);
      for (const backend of backends) {
        // The second time, workers have the program.
        const twice = { ...one, inputs: [...one.inputs, ...one.inputs] };
        expect(resultsOf(twice, backend), one.name).toEqual([...wanted, ...wanted]);
        await wait(0);
      }
    }
  }, 60_000);

  test("thousands of runs of programs of all backends in turn", async () => {
    const x = floats([64, 8]);
    const make = (backend: Backend) =>
      compile(({ x: input }) => input.tanh().dot(input.transpose()).sum(0), {
        inputs: { x: float32("B", 8) },
        backend,
      });
    const set = sets[sets.length - 1] as (typeof sets)[0];
    const programs = [
      ...[1, 2, 3].map((threads) => nativeWith(set, { threads })),
      fused,
      wasmBackend({ threads: 2, minimumWork: 0 }),
    ].map(make);
    const exact = make(reference)({ x }).data;
    const first = programs.map((program) => program({ x }).data);
    for (const data of first) expect(data).toEqual(first[0]);
    first[0]?.forEach((number, at) => {
      expect(Math.abs(number - (exact[at] as number))).toBeLessThan(1e-4);
    });
    await wait(200);
    const workers = pool();
    const started = workers.started;
    for (let round = 0; round < 2000; round += 1) {
      const program = programs[round % programs.length] as (typeof programs)[0];
      expect(program({ x }).data).toEqual(first[0]);
      if (round % 500 === 0) await wait(1);
    }
    expect(started).toBeGreaterThanOrEqual(2);
    expect(workers.failure).toBeUndefined();
  }, 60_000);

  test("prepared programs, on two threads too", async () => {
    const set = sets[0] as (typeof sets)[0];
    for (const threads of [1, 2]) {
      const { rnn } = initialize({ rnn: recurrent(lstm, 5, 33) }, { seed: 1 });
      const program = programOf(({ x }) => rnn.apply(x as Tensor).output, { x: float32("T", "B", 5) });
      const [native, wasm] = [nativeWith(set, { threads }), fused].map((one) => one.compile(program)) as [
        Executable,
        Executable,
      ];
      const given = { x: floats([7, 9, 5], 3) };
      const prepared = native.prepare(given);
      for (let round = 0; round < 20; round += 1) {
        prepared.inputs.x?.set(given.x.data);
        prepared.run();
        expect(prepared.results[0]).toEqual(wasm.run(given)[0]?.data);
        if (round === 0) await wait(50);
      }
      native.run({ x: floats([8, 9, 5]) });
      expect(() => prepared.run()).toThrow("a prepared program was called with other sizes meanwhile");
    }
  });
});

// Known, and not mended: where other processes take the processors, about one such end in ten waits for ever, for a worker
// that waits in machine code for the thread that has ended. So it may be tried three times.
test.skipIf(sets.length === 0)(
  "programs are dropped while workers hold them, and a thread that runs some ends amid a run, with its workers",
  { retry: 2 },
  async () => {
    const script = `
      import { isMainThread, parentPort, Worker } from "node:worker_threads";
      import { setFlagsFromString } from "node:v8";
      import { runInNewContext } from "node:vm";
      import { compile, float32 } from "rondo";
      import { pool } from "./src/backends/runtime/pool.ts";
      import { nativeBackend } from "./src/backends/x86/index.ts";

      setFlagsFromString("--expose-gc");
      const collect = runInNewContext("gc");
      const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));
      const backend = nativeBackend({ threads: 2, minimumWork: 0 });
      const make = () => compile((x) => x.mul(2), { inputs: float32("B"), backend });
      const results = new Set();
      async function drop(programs) {
        for (let made = 0; made < programs; made += 1) {
          const program = make();
          for (let run = 0; run < 20; run += 1) results.add([...program([1, 2, 3]).data].join());
          if (made % 5 === 0) collect();
          await wait(2);
        }
      }
      if (isMainThread) {
        await drop(30);
        for (let ended = 0; ended < 3; ended += 1) {
          const worker = new Worker(process.argv[1]);
          await new Promise((resolve) => worker.once("message", resolve));
          await worker.terminate();
          collect();
          await drop(5);
        }
        console.log([...results].join(" and "));
      } else {
        const [program, workers] = [make(), pool()];
        const start = workers.start.bind(workers);
        let starts = 0;
        workers.start = (...given) => {
          starts += 1;
          start(...given);
        };
        // A worker that is ended while it loads koffi would abort the process: see the test below.
        while (starts < 20) {
          program([1, 2, 3]);
          await wait(2);
        }
        parentPort.postMessage("runs");
        for (;;) program([1, 2, 3]);
      }
    `;
    const folder = temporaryFolder({
      "main.mjs": await bundle(script, { format: "esm", external: ["node:*"] }),
    });
    const { stdout, stderr, signal } = spawnSync(process.execPath, [`${folder}/main.mjs`], {
      ...{ encoding: "utf8", timeout: 25_000, killSignal: "SIGKILL" },
    });
    expect({ stdout, stderr, signal }).toEqual({ stdout: "2,4,6\n", stderr: "", signal: null });
  },
);

test.skipIf(sets.length === 0)(
  "a process ends as it likes while workers load what they call machine code by",
  async () => {
    const script = `
    import { Worker } from "node:worker_threads";
    import { compile, float32 } from "rondo";
    import { pool } from "./src/backends/runtime/pool.ts";
    import { nativeBackend } from "./src/backends/x86/index.ts";

    const backend = nativeBackend({ threads: 4, minimumWork: 0 });
    const program = compile((x) => x.mul(2), { inputs: float32("B"), backend });
    program([1, 2, 3]);
    while (pool().started < 3) await new Promise((resolve) => setTimeout(resolve));
    // Now they are given the program.
    program([1, 2, 3]);
    const end = performance.now() + Number(process.argv[2]);
    while (performance.now() < end);
    process.exit(3);
  `;
    const folder = temporaryFolder({
      "main.mjs": await bundle(script, { format: "esm", external: ["node:*"] }),
    });
    // Without care, one in five or so was aborted.
    const codes = Array.from({ length: 6 }, (_, at) => {
      const { status, stderr } = spawnSync(process.execPath, [`${folder}/main.mjs`, `${2 * at}`], {
        encoding: "utf8",
      });
      return [status, stderr];
    });
    expect(codes).toEqual(codes.map(() => [3, ""]));
  },
  60_000,
);
