/**
 * jax-js on its WebAssembly backend: the loop over time unrolled by hand, since it has no scan, and the whole jitted.
 * Its functions take over what they are given; `.ref` keeps a tensor for another use.
 */

import type { Arrays } from "../arrays.ts";
import type { Task } from "../cases.ts";
import { packageVersion } from "../folder.ts";
import { importPeer, type Library, type Prepared, streamedSteps } from "./contender.ts";

interface JaxArray {
  readonly ref: JaxArray;
  add(other: JaxArray): JaxArray;
  sub(other: JaxArray): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  sum(): JaxArray;
  slice(index: number): JaxArray;
  dataSync(): Float32Array;
  dispose(): void;
}
type Tree = Record<string, JaxArray>;
type Unary = (x: JaxArray) => JaxArray;

interface Jax {
  init(device: string): Promise<unknown>;
  defaultDevice(device: string): void;
  jit<Parameters extends readonly unknown[], Result>(
    run: (...given: Parameters) => Result,
  ): (...given: Parameters) => Result;
  valueAndGrad(loss: (given: Tree) => JaxArray): (given: Tree) => [JaxArray, Tree];
  blockUntilReady<Result>(tree: Result): Promise<Result>;
  readonly tree: { ref<Result>(tree: Result): Result; dispose(tree: unknown): void };
  readonly nn: { readonly sigmoid: Unary };
  readonly numpy: {
    array(data: Float32Array, options: { shape: readonly number[] }): JaxArray;
    zeros(shape: readonly number[]): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    split(x: JaxArray, parts: number, axis: number): JaxArray[];
    stack(parts: readonly JaxArray[]): JaxArray;
    tanh: Unary;
    transpose: Unary;
    square: Unary;
  };
}

type State = readonly JaxArray[];
type Step = (fromInput: JaxArray, fromState: JaxArray, state: State) => State;

/** Steps take over all that they are given; the state has h first. */
function steps({ numpy: np, nn: { sigmoid } }: Jax): Readonly<Record<string, Step>> {
  return {
    rnn(fromInput, fromState, [h]) {
      h?.dispose();
      return [np.tanh(fromInput.add(fromState))];
    },
    lstm(fromInput, fromState, state) {
      const [h, c] = state as [JaxArray, JaxArray];
      h.dispose();
      const [i, f, g, o] = np.split(fromInput.add(fromState), 4, 1) as [
        JaxArray,
        JaxArray,
        JaxArray,
        JaxArray,
      ];
      const next = sigmoid(f)
        .mul(c)
        .add(sigmoid(i).mul(np.tanh(g)));
      return [sigmoid(o).mul(np.tanh(next.ref)), next];
    },
    gru(fromInput, fromState, state) {
      const [h] = state as [JaxArray];
      const [xr, xz, xn] = np.split(fromInput, 3, 1) as [JaxArray, JaxArray, JaxArray];
      const [hr, hz, hn] = np.split(fromState, 3, 1) as [JaxArray, JaxArray, JaxArray];
      const n = np.tanh(xn.add(sigmoid(xr.add(hr)).mul(hn)));
      return [n.ref.add(sigmoid(xz.add(hz)).mul(h.sub(n)))];
    },
  };
}

const names = ["x", "weight_ih", "weight_hh", "bias_ih", "bias_hh"] as const;

export async function jax(): Promise<Library> {
  const library = await importPeer<Jax>("@jax-js/jax");
  await library.init("wasm");
  library.defaultDevice("wasm");
  return {
    version: packageVersion("node_modules/@jax-js/jax"),
    prepare(task, arrays) {
      return task.kind === "streaming" ? streaming(library, task, arrays) : sequence(library, task, arrays);
    },
  };
}

function inputsOf({ numpy }: Jax, { size: { B, T, I, H } }: Task, arrays: Arrays): Tree {
  const entries = names.map((name) => {
    const data = arrays.get(name);
    if (!data) throw new Error(`no array ${name} in the file`);
    const columns = name === "weight_ih" ? I : H;
    const shape =
      name === "x" ? [T, B, I] : name.startsWith("bias") ? [data.length] : [data.length / columns, columns];
    return [name, numpy.array(data, { shape })] as const;
  });
  return Object.fromEntries(entries);
}

function stepOf(library: Jax, { model }: Task): Step {
  const step = steps(library)[model];
  if (!step) throw new Error(`not written for jax-js: ${model}`);
  return step;
}

const zeroState = ({ numpy }: Jax, { model, size: { B, H } }: Task): JaxArray[] =>
  Array.from({ length: model === "lstm" ? 2 : 1 }, () => numpy.zeros([B, H]));

function sequence(library: Jax, task: Task, arrays: Arrays): Prepared {
  const { numpy: np, tree } = library;
  const step = stepOf(library, task);
  const inputs = inputsOf(library, task, arrays);
  const outputs = (given: Tree): JaxArray => {
    const { x, bias_ih, bias_hh } = given as Record<(typeof names)[number], JaxArray>;
    const weight = np.transpose(given.weight_ih as JaxArray);
    const recurrent = np.transpose(given.weight_hh as JaxArray);
    let state: State = zeroState(library, task);
    const shown: JaxArray[] = [];
    for (let t = 0; t < task.size.T; t += 1) {
      const fromInput = np.matmul(x.ref.slice(t), weight.ref).add(bias_ih.ref);
      const product = np.matmul((state[0] as JaxArray).ref, recurrent.ref);
      state = step(fromInput, product.add(bias_hh.ref), state);
      shown.push((state[0] as JaxArray).ref);
    }
    for (const tensor of [...state, x, weight, recurrent, bias_ih, bias_hh]) tensor.dispose();
    return np.stack(shown);
  };
  if (task.kind === "forward") {
    const compiled = library.jit(outputs);
    const read = async () => {
      const output = await library.blockUntilReady(compiled(tree.ref(inputs)));
      return output;
    };
    return {
      run: async () => (await read()).dispose(),
      results: async () => ({ output: (await read()).dataSync() }),
    };
  }
  const compiled = library.jit(library.valueAndGrad((given) => np.square(outputs(given)).sum().mul(0.5)));
  return {
    async run() {
      tree.dispose(await library.blockUntilReady(compiled(tree.ref(inputs))));
    },
    async results() {
      const [loss, gradients] = await library.blockUntilReady(compiled(tree.ref(inputs)));
      const found = Object.entries(gradients).map(([name, tensor]) => [name, tensor.dataSync()]);
      return { loss: loss.dataSync(), ...Object.fromEntries(found) };
    },
  };
}

function streaming(library: Jax, task: Task, arrays: Arrays): Prepared {
  const { numpy: np, tree } = library;
  const step = stepOf(library, task);
  const { x: _, ...weights } = inputsOf(library, task, arrays);
  const input = arrays.get("x") ?? new Float32Array();
  const compiled = library.jit((given: Tree, x: JaxArray, state: State): State => {
    const { weight_ih, weight_hh, bias_ih, bias_hh } = given as Record<(typeof names)[number], JaxArray>;
    const fromInput = np.matmul(x, np.transpose(weight_ih)).add(bias_ih);
    const fromState = np.matmul((state[0] as JaxArray).ref, np.transpose(weight_hh)).add(bias_hh);
    return step(fromInput, fromState, state);
  });
  let state: State = zeroState(library, task);
  const next = () => {
    state = compiled(tree.ref(weights), np.array(input, { shape: [1, task.size.I] }), state);
    return (state[0] as JaxArray).ref.dataSync();
  };
  return {
    run: () => void next(),
    results() {
      tree.dispose(state);
      state = zeroState(library, task);
      for (let count = 1; count < streamedSteps; count += 1) next();
      return { output: next() };
    },
  };
}
