/** Who takes part in which case, and how the process of each is started. */

import { spawnSync } from "node:child_process";
import type { Case } from "../cases.ts";
import { benchFolder } from "../folder.ts";
import { ownNetworks } from "../models.ts";

export interface Contender {
  readonly name: string;
  readonly label: string;
  readonly threads: number;
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

const script = (name: string, threads: number, fused: boolean) => [
  process.execPath,
  "--expose-gc",
  `${benchFolder}dist/bench/src/contenders/process.js`,
  name,
  String(threads),
  String(fused),
];

function rondo(threads: number, fused: boolean): Contender {
  return {
    name: `rondo-${threads}`,
    label: `Rondo, ${threads === 1 ? "1 thread" : `${threads} threads`}`,
    threads,
    command: script("rondo", threads, fused),
    absence: () => undefined,
  };
}

function torch(threads: number, python: string): Contender {
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...environment } = process.env;
  const count = String(threads);
  return {
    name: `torch-${threads}`,
    label: `PyTorch, ${threads === 1 ? "1 thread" : `${threads} threads`}`,
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
    rondo(1, fused),
    rondo(2, fused),
    torch(1, python),
    torch(2, python),
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
