/** nativeObstacle says in plain words why machine code cannot run. */

import { spawnSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Machine } from "../../../../src/backends/runtime/machine.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { bundle } from "../../../platform/bundle.ts";
import { needMaps, needNative, stubKoffi, stubProcess } from "./native.ts";

/** A package whose functions do nothing, and return what is given. */
const silent = (result: number) => ({
  load: () => ({ func: () => () => result }),
  proto: () => ({}),
  decode: () => () => {},
  address: () => 0n,
});

/** Asked anew: the answer lives as long as its module. */
async function obstacle(): Promise<string | undefined> {
  vi.resetModules();
  const { nativeObstacle } = await import("../../../../src/backends/x86/runtime/obstacle.ts");
  return nativeObstacle();
}

beforeEach(needNative);
afterEach(() => vi.unstubAllGlobals());

test("there is none where all is there", async () => {
  expect(await obstacle()).toBeUndefined();
});

test.each([undefined, {}])("a browser is not Node, with a process or without: %s", async (process) => {
  vi.stubGlobal("process", process);
  expect(await obstacle()).toBe("this is not Node, which alone can call machine code");
});

test("another processor", async () => {
  stubProcess({ arch: "arm64" });
  expect(await obstacle()).toBe("machine code is written for x64 alone, and this is arm64");
});

test("another system", async () => {
  stubProcess({ platform: "sunos" });
  expect(await obstacle()).toBe("machine code does not know how to ask sunos for leave to run");
});

test("no shared memory", async () => {
  vi.stubGlobal("SharedArrayBuffer", undefined);
  expect(await obstacle()).toBe("there is no SharedArrayBuffer here, and other memory may move");
});

test.each([
  { execArgv: ["--disable-wasm-trap-handler"] },
  { env: { NODE_OPTIONS: "--no-warnings --disable-wasm-trap-handler" } },
])("memory without an end: %o", async (changes) => {
  stubProcess(changes);
  expect(await obstacle()).toBe(
    "--disable-wasm-trap-handler takes away what stops machine code at the end of its memory",
  );
});

const few =
  "so few addresses may be used (see ulimit -v) that nothing stops machine code at the end of its memory";

/** The places of this process, told otherwise. */
function stubMaps(change: (maps: string) => string): void {
  const changed = (file: string) => change(readFileSync(file, "latin1"));
  const { getBuiltinModule } = process;
  const fs = { ...getBuiltinModule("node:fs"), readFileSync: changed };
  stubProcess({ getBuiltinModule: (name: string) => (name === "node:fs" ? fs : getBuiltinModule(name)) });
}

test("addresses behind memory that others use", async (context) => {
  needMaps(context);
  stubMaps((maps) => maps.replaceAll(" ---p", " rw-p"));
  expect(await obstacle()).toBe(few);
});

test("addresses that are kept behind memory, and too few", async (context) => {
  needMaps(context);
  stubMaps((maps) =>
    maps.replace(/^(\w+)-(\w+) ---p/gm, (_, from: string, to: string) => {
      const [start, end] = [BigInt(`0x${from}`), BigInt(`0x${to}`)];
      const kept = start + 2n ** 32n;
      return `${from}-${(end < kept ? end : kept).toString(16)} ---p`;
    }),
  );
  expect(await obstacle()).toBe(few);
});

test("no addresses for memory", async () => {
  class Memory {
    constructor() {
      throw new RangeError("could not allocate memory");
    }
  }
  vi.stubGlobal("WebAssembly", Object.create(WebAssembly, { Memory: { value: Memory } }));
  expect(await obstacle()).toBe(few);
});

test("a system that does not tell what is behind memory", async () => {
  stubMaps(() => {
    throw new Error("ENOENT");
  });
  expect(await obstacle()).toBeUndefined();
});

test("no package", async () => {
  stubKoffi(
    () => {},
    () => {
      throw new Error("Cannot find module 'koffi'");
    },
  );
  expect(await obstacle()).toBe(
    "the package koffi is not installed, by which Node calls machine code: npm install koffi",
  );
});

test("a package that does not load", async () => {
  stubKoffi(() => {
    throw new Error("Cannot find the native Koffi module;\n did you bundle it correctly?");
  });
  expect(await obstacle()).toBe(
    "the package koffi does not load: Cannot find the native Koffi module; did you bundle it correctly?",
  );
});

test("a system that runs nothing of ours", async () => {
  stubKoffi(() => silent(process.platform === "win32" ? 0 : -1));
  expect(await obstacle()).toBe("the system refuses to run machine code: 4096 bytes of memory");
});

test("an old processor", async () => {
  stubKoffi(() => silent(process.platform === "win32" ? 1 : 0));
  expect(await obstacle()).toBe("the processor, or the system, has no AVX2 with FMA");
});

test.each([
  ["a product", 8192],
  ["an exponential", 16384],
])("machine code that is wrong, in %s", async (what, at) => {
  vi.doMock("../../../../src/backends/x86/machine.ts", async (original) => {
    const { nativeMachine } = await original<typeof import("../../../../src/backends/x86/machine.ts")>();
    return {
      nativeMachine(set: "avx2" | "avx512"): Machine {
        const machine = nativeMachine(set);
        const compile: Machine["compile"] = (module, limits) => {
          const { portable, attach } = machine.compile(module, limits);
          return {
            portable,
            attach(memory) {
              const entries = attach(memory);
              const run = (thread: number, threads: number) => {
                entries.run(thread, threads);
                const numbers = new Float32Array(memory.buffer);
                numbers[at / 4 + 1] = 1.001 * (numbers[at / 4 + 1] as number) + 0.001;
              };
              return { ...entries, run };
            },
          };
        };
        return { ...machine, compile };
      },
    };
  });
  expect(await obstacle()).toBe(`${what} of its machine code is wrong`);
  vi.doUnmock("../../../../src/backends/x86/machine.ts");
});

const script = `
  import { nativeObstacle } from "./src/backends/x86/runtime/obstacle.ts";
  console.log(nativeObstacle());
`;

function run(file: string, cwd: string, ...flags: string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, ["--no-warnings", ...flags, file], {
    cwd,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout.trimEnd();
}

test("a bundle finds the package beside itself, beside the main script, or in the current folder", async () => {
  const text = await bundle(script, { format: "cjs" });
  const koffi = "module.exports = { load() { throw new Error(__dirname) } };";
  const folder = temporaryFolder({
    "own/bundle.cjs": text,
    "own/node_modules/koffi/index.js": koffi,
    "bundles/bundle.cjs": text,
    "main/main.cjs": 'require("../bundles/bundle.cjs")',
    "main/node_modules/koffi/index.js": koffi,
    "current/node_modules/koffi/index.js": koffi,
    "empty/main.cjs": 'require("../bundles/bundle.cjs")',
  });
  const found = (place: string) =>
    expect.stringMatching(new RegExp(`^the package koffi does not load: .*${place}.node_modules.koffi$`));
  expect(run("../own/bundle.cjs", `${folder}/current`)).toEqual(found("own"));
  expect(run("../main/main.cjs", `${folder}/current`)).toEqual(found("main"));
  expect(run("../empty/main.cjs", `${folder}/current`)).toEqual(found("current"));
  symlinkSync(`${folder}/main/main.cjs`, `${folder}/empty/command.cjs`);
  expect(run("command.cjs", `${folder}/empty`)).toEqual(found("main"));
  expect(run("main.cjs", `${folder}/empty`)).toMatch(/^the package koffi is not installed/);
});

test("Node may forbid packages with code of their own", async () => {
  const permission = process.allowedNodeEnvironmentFlags.has("--permission")
    ? "--permission"
    : "--experimental-permission";
  const folder = temporaryFolder({ "bundle.mjs": await bundle(script, { format: "esm" }) });
  const flags = [permission, "--allow-fs-read=*"];
  expect(run(`${folder}/bundle.mjs`, process.cwd(), ...flags)).toMatch(
    /^the package koffi does not load: Cannot load native addon because loading addons is disabled/,
  );
});
