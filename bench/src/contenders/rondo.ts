/** Rondo: every task is one compiled program. Gradients of weights stay where an optimiser would find them. */

import {
  type Backend,
  compile,
  float32,
  gradient,
  stream,
  type Tensor,
  Variable,
  value,
  wasmBackend,
} from "../../../src/index.ts";
import { nativeBackend } from "../../../src/node/index.ts";
import { type Arrays, arrayOf } from "../arrays.ts";
import type { Task } from "../cases.ts";
import type { Engine } from "../engines.ts";
import { packageVersion } from "../folder.ts";
import { modelOf, weightsOf } from "../models.ts";
import { type Library, type Prepared, streamedSteps } from "./contender.ts";
import { decoding, update } from "./rondo-translator.ts";

/** The memories that programs made; there is no other way to tell their sizes from outside. */
const memories: WebAssembly.Memory[] = [];

function recordMemories(): void {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
}

export function rondo(engine: Engine, threads: number, fused: boolean): Library {
  recordMemories();
  const backend =
    engine === "wasm" ? wasmBackend({ threads, fused }) : nativeBackend({ threads, instructions: engine });
  return {
    version: packageVersion(".."),
    prepare(task, arrays) {
      const ofKind = { training, memory: training, compile: training, forward, streaming, update, decoding };
      const prepare = ofKind[task.kind];
      const start = performance.now();
      const program = prepare(task, arrays, backend);
      const compiling = performance.now() - start;
      const memory = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
      return { ...program, compiling, memory };
    },
  };
}

function layerOf({ model, size: { I, H } }: Task, arrays: Arrays) {
  const layer = modelOf(model, I, H);
  const weights = weightsOf(layer);
  for (const [name, variable] of Object.entries(weights)) variable.value = arrayOf(arrays, name);
  return { layer, weights };
}

function training(task: Task, arrays: Arrays, backend: Backend): Prepared {
  const { B, T, I } = task.size;
  const { layer, weights } = layerOf(task, arrays);
  const names = Object.keys(weights);
  const gradients = Object.fromEntries(
    Object.entries(weights).map(([name, { dimensions }]) => [name, new Variable(`d ${name}`, dimensions)]),
  );
  const step = compile(
    ({ x }, update) => {
      const { output, state } = layer.apply(x, { checkpoint: task.checkpoint });
      const seen = task.checkpoint === undefined ? output : Object.values(state)[0];
      const loss = (seen ?? output).square().sum().mul(0.5);
      const found = gradient(loss, { x, weights });
      for (const name of names) {
        update(gradients[name] as Variable, found.weights[name] as Variable);
        // As a training step does: what is made of weights beforehand is made anew in every call.
        update(weights[name] as Variable, weights[name] as Variable);
      }
      return { loss, x: found.x };
    },
    { inputs: { x: float32("T", "B", I) }, backend },
  );
  const x = value(arrayOf(arrays, "x"), [T, B, I]);
  return {
    run: () => {
      step({ x });
    },
    results: () => {
      const { loss, x: ofInput } = step({ x });
      const ofWeights = names.map((name) => [name, gradients[name]?.value] as const);
      return { loss: loss.data, x: ofInput.data, ...Object.fromEntries(ofWeights) };
    },
  };
}

function forward(task: Task, arrays: Arrays, backend: Backend): Prepared {
  const { B, T, I } = task.size;
  const { layer } = layerOf(task, arrays);
  const outputs = compile((x) => layer.apply(x).output, { inputs: float32("T", "B", I), backend });
  const x = value(arrayOf(arrays, "x"), [T, B, I]);
  return {
    run: () => {
      outputs(x);
    },
    results: () => ({ output: outputs(x).data }),
  };
}

function streaming(task: Task, arrays: Arrays, backend: Backend): Prepared {
  const { layer } = layerOf(task, arrays);
  const live = stream(
    (x, state: Record<string, Tensor>) => {
      const { state: next, output } = layer.step(x, state);
      return [next, output];
    },
    { inputs: float32(1, task.size.I), state: layer.stateShapes(1), rows: 1, backend },
  );
  const x = arrayOf(arrays, "x");
  return {
    run: () => {
      live.next(x);
    },
    results: () => {
      live.reset();
      for (let count = 1; count < streamedSteps; count += 1) live.next(x);
      return { output: live.next(x).slice() };
    },
  };
}
