/** Who takes part in which case, and how the process of each is started. */

import { spawnSync } from "node:child_process";
import type { Case } from "../cases.ts";
import { type Engine, engineLabels, engineObstacle, enginesHere } from "../engines.ts";
import { benchFolder } from "../folder.ts";
import { ownNetworks } from "../models.ts";

export interface Contender {
  readonly name: string;
  readonly label: string;
  readonly threads: number;
  /** What Rondo runs on. */
  readonly engine?: Engine;
  readonly command: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** Why it does not take part in a case; undefined where it does. */
  absence(of: Case): string | undefined;
}

const builtIn = new Set(["lstm", "gru", "rnn"]);
const plainOnly = ({ tasks }: Case) =>
  tasks.every(({ model, checkpoint }) => builtIn.has(model) && checkpoint === undefined)
    ? undefined
    : "not written for it";
/** An hour of a bench for a figure that says what the smaller sizes say. */
const tooLong = ({ size: { H } }: Case) => (H >= 512 ? "a step takes half a minute" : undefined);

const script = (name: string, threads: number, fused: boolean, engine?: Engine) => [
  process.execPath,
  "--expose-gc",
  `${benchFolder}dist/bench/src/contenders/process.js`,
  name,
  String(threads),
  String(fused),
  ...(engine ? [engine] : []),
];

const counted = (threads: number) => (threads === 1 ? "1 thread" : `${threads} threads`);

/** What Rondo runs on by itself is called rondo-1 and rondo-2, the rest by their engine too. */
function rondo(threads: number, fused: boolean, engine: Engine): Contender {
  return {
    name: `rondo${engine === enginesHere()[0] ? "" : `-${engine}`}-${threads}`,
    label: `Rondo, ${engineLabels[engine]}, ${counted(threads)}`,
    threads,
    engine,
    command: script("rondo", threads, fused, engine),
    absence: () => engineObstacle(engine, threads),
  };
}

/** ONNX Runtime, which has no gradients here, as it comes for Node or as WebAssembly. */
function onnx(form: "native" | "web", threads: number, fused: boolean): Contender {
  return {
    name: `onnx-${form}-${threads}`,
    label: `ONNX Runtime ${form === "native" ? "native" : "wasm"}, ${counted(threads)}`,
    threads,
    command: script(`onnx-${form}`, threads, fused),
    absence(of) {
      if (of.kind !== "forward" && of.kind !== "streaming")
        return "measured in forward passes and streaming only";
      return plainOnly(of);
    },
  };
}

function torch(threads: number, python: string): Contender {
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...environment } = process.env;
  const count = String(threads);
  return {
    name: `torch-${threads}`,
    label: `PyTorch, ${counted(threads)}`,
    threads,
    command: [python, `${benchFolder}python/contender.py`, count],
    environment: {
      ...environment,
      OPENBLAS_NUM_THREADS: count,
      OMP_NUM_THREADS: count,
      PYTHONDONTWRITEBYTECODE: "1",
    },
    absence({ kind, tasks }) {
      if (kind === "compile") return "it compiles nothing";
      const isOwn = tasks.some(
        ({ checkpoint, model }) => checkpoint !== undefined || ownNetworks.includes(model),
      );
      return isOwn ? "not written for it" : undefined;
    },
  };
}

/** The interpreter that PYTHON names, else the first of the usual ones that has torch; without one, python3. */
function pythonWithTorch(): string {
  const named = process.env.PYTHON;
  if (named) return named;
  const candidates = ["python3", "/usr/bin/python3"];
  const importTorch = ["-c", "import torch"];
  return candidates.find((python) => spawnSync(python, importTorch).status === 0) ?? "python3";
}

/**
 * All contenders; Rondo on one thread is what the others are compared with. With `fused`, WebAssembly may multiply and add
 * in one instruction.
 */
export function contenders(fused: boolean): Contender[] {
  const python = pythonWithTorch();
  return [
    ...enginesHere().flatMap((engine) => [1, 2].map((threads) => rondo(threads, fused, engine))),
    torch(1, python),
    torch(2, python),
    ...(["native", "web"] as const).flatMap((form) => [1, 2].map((threads) => onnx(form, threads, fused))),
    {
      name: "tensorflow",
      label: "TensorFlow.js, wasm",
      threads: 1,
      command: script("tensorflow", 1, fused),
      absence(of) {
        if (of.kind === "compile") return "it compiles nothing";
        if (of.kind === "memory") return "its memory is not measured";
        return plainOnly(of) ?? (of.kind === "streaming" ? undefined : tooLong(of));
      },
    },
    {
      name: "jax",
      label: "jax-js, wasm",
      threads: 1,
      command: script("jax", 1, fused),
      absence(of) {
        if (of.kind === "memory") return "its memory is not measured";
        return plainOnly(of) ?? (of.kind === "streaming" ? undefined : tooLong(of));
      },
    },
    {
      name: "brain",
      label: "brain.js",
      threads: 1,
      command: script("brain", 1, fused),
      absence(of) {
        if (of.kind !== "training" || of.size.B !== 1) return "it trains one sequence at a time";
        return plainOnly(of);
      },
    },
  ];
}
