/** threadReport says how many threads run and why; where workers cannot run, one thread does all, to the same bits. */

import { spawnSync } from "node:child_process";
import { afterEach, expect, test, vi } from "vitest";
import { control } from "../../src/backends/runtime/worker.ts";
import { bundle } from "../platform/bundle.ts";

/** Rondo anew: the pool of workers lives as long as its module. */
async function fresh() {
  vi.resetModules();
  const { compile, float32, threadReport, wasmBackend } = await import("../../src/index.ts");
  const run = (threads: number) => {
    const backend = wasmBackend({ threads, minimumWork: 0 });
    const program = compile((x) => x.mul(x), { inputs: float32("B"), backend });
    return () => [...program([1, 2, 3]).data];
  };
  return { run, threadReport };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 10));

afterEach(() => vi.unstubAllGlobals());

test("one thread until more are asked for, then those that have started", async () => {
  const { run, threadReport } = await fresh();
  expect(threadReport()).toEqual({
    threads: 1,
    reason: "no program asked for more: wasmBackend({ threads }) does",
  });
  run(1);
  expect(threadReport().reason).toMatch(/^no program asked for more/);
  const square = run(3);
  expect(threadReport()).toEqual({ threads: 1, reason: "the workers are still starting: 0 of 2 so far" });
  for (let turns = 0; turns < 2000 && threadReport().threads === 1; turns += 1) await turn();
  expect(threadReport()).toEqual({ threads: 3, reason: "as many as were asked for" });
  expect(square()).toEqual([1, 4, 9]);
});

test("a page that is not isolated cannot share memory", async () => {
  vi.stubGlobal("crossOriginIsolated", false);
  const { run, threadReport } = await fresh();
  expect(run(4)()).toEqual([1, 4, 9]);
  expect(threadReport().threads).toBe(1);
  expect(threadReport().reason).toMatch(
    /^the page is not cross-origin isolated, .* Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp$/,
  );
});

test("nothing can be shared without SharedArrayBuffer", async () => {
  vi.stubGlobal("SharedArrayBuffer", undefined);
  const { run, threadReport } = await fresh();
  expect(run(4)()).toEqual([1, 4, 9]);
  expect(threadReport()).toEqual({
    threads: 1,
    reason: "there is no SharedArrayBuffer here to share memory by",
  });
});

test("a page's own thread may not wait", async () => {
  const wait = vi.spyOn(Atomics, "wait").mockImplementation(() => {
    throw new TypeError("Atomics.wait cannot be called in this context");
  });
  try {
    const { run, threadReport } = await fresh();
    expect(run(4)()).toEqual([1, 4, 9]);
    expect(threadReport()).toEqual({
      threads: 1,
      reason: "a page's own thread may not wait for others: call Rondo in a worker",
    });
  } finally {
    wait.mockRestore();
  }
});

test("a platform with few addresses has shared memories with a lower limit", async () => {
  const { Memory } = WebAssembly;
  const maxima: (number | undefined)[] = [];
  class FewAddresses extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      maxima.push(descriptor.maximum);
      if ((descriptor.maximum ?? 0) > 4096) throw new RangeError("could not allocate memory");
      super(descriptor);
    }
  }
  vi.stubGlobal("WebAssembly", Object.create(WebAssembly, { Memory: { value: FewAddresses } }));
  const { run } = await fresh();
  expect(run(2)()).toEqual([1, 4, 9]);
  expect(maxima).toEqual([65536, 16384, 4096]);
});

/** What a browser has: its own workers, and Node's or none. */
function inBrowser(worker: unknown, nodeWorkers?: object) {
  const { process } = globalThis;
  const getBuiltinModule = (name: string) =>
    name === "node:worker_threads" ? nodeWorkers : process.getBuiltinModule(name);
  vi.stubGlobal("process", Object.assign(Object.create(process), { getBuiltinModule }));
  vi.stubGlobal("Worker", worker);
}

test("there may be no workers at all", async () => {
  inBrowser(undefined);
  const { threadReport } = await fresh();
  expect(threadReport()).toEqual({ threads: 1, reason: "there are no workers here" });
});

test("a policy may forbid workers at once, or later and without a word", async () => {
  inBrowser(
    class {
      constructor() {
        throw new Error("Access to the script is denied");
      }
    },
  );
  const atOnce = await fresh();
  expect(atOnce.run(2)()).toEqual([1, 4, 9]);
  expect(atOnce.threadReport().reason).toBe("workers do not run here: Access to the script is denied");

  inBrowser(
    class {
      onerror?: (event: object) => void;
      constructor() {
        setTimeout(() => this.onerror?.({}), 0);
      }
      postMessage() {}
    },
  );
  const later = await fresh();
  const square = later.run(2);
  await turn();
  expect(square()).toEqual([1, 4, 9]);
  expect(later.threadReport()).toEqual({
    threads: 1,
    reason: "workers do not run here: a Content-Security-Policy without worker-src blob: forbids them",
  });
});

test("where Node's workers do not start, as in Electron's pages, the browser's do", async () => {
  const posted: { start?: { control: Int32Array; read: number } }[] = [];
  class NodeWorker {
    constructor() {
      throw new Error("The V8 platform used by this instance of Node does not support creating Workers");
    }
  }
  class WebWorker {
    postMessage(message: (typeof posted)[number]) {
      posted.push(message);
      // A message is counted before it arrives: a worker that finds itself ahead waits for another one for ever.
      const { control: words, read } = posted[0]?.start ?? {
        control: new Int32Array(control.words),
        read: 0,
      };
      expect(Atomics.load(words, control.messages)).toBe(read + posted.length - 1);
      // It has read the first, so that it is given programs; those it never takes up.
      if (message.start) Atomics.store(words, control.read + 1, read);
    }
  }
  inBrowser(WebWorker, { Worker: NodeWorker });
  const { run, threadReport } = await fresh();
  expect(run(2)()).toEqual([1, 4, 9]);
  expect(posted.map((message) => Object.keys(message)[0])).toEqual(["start", "program"]);
  expect(threadReport().reason).toBe("the workers are still starting: 0 of 1 so far");
});

test("Node may forbid workers too", async () => {
  const script = `
    import { compile, float32, threadReport, wasmBackend } from "rondo";
    const backend = wasmBackend({ threads: 2, minimumWork: 0 });
    const square = compile((x) => x.mul(x), { inputs: float32("B"), backend });
    await new Promise((resolve) => setTimeout(resolve, 100));
    console.log(square([1, 2, 3]).data.join(), JSON.stringify(threadReport()));
  `;
  const permission = process.allowedNodeEnvironmentFlags.has("--permission")
    ? "--permission"
    : "--experimental-permission";
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--no-warnings", permission, "--allow-fs-read=*", "--input-type=module", "-"],
    { input: await bundle(script, { format: "esm" }), encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^1,4,9 {"threads":1,"reason":"workers do not run here: .+"}\n$/);
});
